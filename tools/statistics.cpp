#include "tools/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "engine/error.h"
#include "engine/random.h"

namespace cce {
namespace {

/// The continued fraction of I_x(a, b), by Lentz's method; converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kEnough = 1e-15;
  const auto not_zero = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1, d = 1 / not_zero(1 - (a + b) * x / (a + 1)), fraction = d;
  for (int m = 1; m <= 10000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    for (const double term : {even, odd}) {
      d = 1 / not_zero(1 + term * d);
      c = not_zero(1 + term / c);
      fraction *= c * d;
    }
    if (std::abs(c * d - 1) < kEnough) break;
  }
  return fraction;
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

double incomplete_beta(double a, double b, double x) {
  require(a > 0 && b > 0 && x >= 0 && x <= 1, "[incomplete_beta] not defined for a = {}, b = {}, x = {}", a,
          b, x);
  if (x == 0 || x == 1) return x;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

TTest paired_t_test(std::span<const double> differences) {
  require(differences.size() >= 2, "a t-test needs two users at least, got {}", differences.size());
  TTest test{.mean = mean_of(differences), .degrees = static_cast<int64_t>(differences.size()) - 1};
  double squares = 0;
  for (const double difference : differences) squares += (difference - test.mean) * (difference - test.mean);
  const auto n = static_cast<double>(differences.size()), degrees = static_cast<double>(test.degrees);
  const double error = std::sqrt(squares / degrees / n);
  if (test.mean == 0) return test;
  if (error == 0) {
    test.t = std::copysign(std::numeric_limits<double>::infinity(), test.mean), test.p = 0;
    return test;
  }
  test.t = test.mean / error;
  test.p = incomplete_beta(degrees / 2, 0.5, degrees / (degrees + test.t * test.t));
  return test;
}

Interval bootstrap_interval(std::span<const double> differences, int resamples) {
  require(!differences.empty() && resamples >= 40, "a bootstrap needs differences and 40 resamples at least");
  std::vector<double> means;
  for (int i = 0; i < resamples; ++i) {
    RandomStream random(0, Purpose::bootstrap, static_cast<uint32_t>(i));
    double sum = 0;
    for (size_t k = 0; k < differences.size(); ++k) {
      sum += differences[random.below(static_cast<uint32_t>(differences.size()))];
    }
    means.push_back(sum / static_cast<double>(differences.size()));
  }
  std::ranges::sort(means);
  const auto at = [&](double share) { return means[static_cast<size_t>(share * (resamples - 1) + 0.5)]; };
  return {at(0.025), at(0.975)};
}

}  // namespace cce
