// Is one model better than another, or luckier? Tests on what both did for the same users.
#pragma once

#include <cstdint>
#include <span>

namespace cce {

/// I_x(a, b), the regularised incomplete beta function, for a, b > 0 and x in [0, 1], by its continued
/// fraction (Abramowitz and Stegun, 26.5.8).
double incomplete_beta(double a, double b, double x);

/// Student's paired t-test of "the mean difference is 0", two-sided.
struct TTest {
  double mean = 0;      ///< of the differences
  double t = 0;         ///< mean / its standard error; infinite where all differences are the same
  double p = 1;         ///< how probable so large a |t| is by chance
  int64_t degrees = 0;  ///< n - 1
};
/// Needs two differences at least; throws otherwise. All differences 0: t 0, p 1.
TTest paired_t_test(std::span<const double> differences);

/// Where the middle 95 % of the means of resampled differences lie (Efron's percentile bootstrap). Drawn by
/// counters: the same interval every time.
struct Interval {
  double low = 0, high = 0;
};
Interval bootstrap_interval(std::span<const double> differences, int resamples = 2000);

}  // namespace cce
