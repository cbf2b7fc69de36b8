// Published values: percentage points of Student's t (Abramowitz and Stegun, table 26.10).
#include "tools/statistics.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/error.h"

namespace cce {

TEST_CASE("incomplete beta: closed forms") {
  for (const double x : {0.0, 0.1, 0.5, 0.9, 1.0}) {
    CHECK(incomplete_beta(1, 1, x) == doctest::Approx(x));
    CHECK(incomplete_beta(1, 3, x) == doctest::Approx(1 - std::pow(1 - x, 3)));
    CHECK(incomplete_beta(4, 1, x) == doctest::Approx(std::pow(x, 4)));
    CHECK(incomplete_beta(0.5, 0.5, x) == doctest::Approx(2 / M_PI * std::asin(std::sqrt(x))));
  }
  CHECK_THROWS_AS(incomplete_beta(1, 1, 1.5), Error);
}

namespace {

/// n differences with a mean of m and a t of exactly `t`: half of them m + s, half m - s.
std::vector<double> with_t(int n, double t) {
  const double spread = std::sqrt(n - 1.0) / t;  // mean 1, so that 1 / (s sqrt(n / (n - 1)) / sqrt(n)) = t
  std::vector<double> differences;
  for (int i = 0; i < n; ++i) differences.push_back(1 + (i % 2 == 0 ? spread : -spread));
  return differences;
}

}  // namespace

TEST_CASE("paired t-test: the percentage points of the published table") {
  struct Point {
    int degrees;
    double t, p;
  };
  for (const auto& [degrees, t, p] : {Point{1, 12.706, 0.05},
                                      {3, 3.182, 0.05},
                                      {5, 4.032, 0.01},
                                      {9, 2.262, 0.05},
                                      {29, 2.756, 0.01},
                                      {119, 1.980, 0.05}}) {
    CAPTURE(degrees);
    const TTest test = paired_t_test(with_t(degrees + 1, t));
    CHECK(test.degrees == degrees);
    CHECK(test.t == doctest::Approx(t));
    CHECK(test.p == doctest::Approx(p).epsilon(2e-3).scale(0));
  }
}

TEST_CASE("paired t-test: no difference, the same difference, and too few") {
  CHECK(paired_t_test(std::vector<double>{0, 0, 0}).p == 1);
  CHECK(paired_t_test(std::vector<double>{2, 2, 2}).p == 0);
  CHECK_THROWS_AS(paired_t_test(std::vector<double>{1}), Error);
}

TEST_CASE("bootstrap: the interval is that of the mean's normal distribution, and the same every time") {
  std::vector<double> differences;
  for (int i = 0; i < 400; ++i) differences.push_back(i % 2 == 0 ? 3.0 : 1.0);  // mean 2, deviation 1
  const Interval interval = bootstrap_interval(differences);
  // The ends of 2000 resamples have a deviation of 0.003; those of 90 % would be nearer by 0.016.
  CHECK(std::abs(interval.low - (2 - 1.96 / 20)) < 0.01);
  CHECK(std::abs(interval.high - (2 + 1.96 / 20)) < 0.01);
  CHECK(std::abs(interval.high - interval.low - 2 * 1.96 / 20) < 0.014);
  CHECK(bootstrap_interval(differences).low == interval.low);
}

}  // namespace cce
