#include "tools/metrics.h"

#include <doctest/doctest.h>

#include <cmath>

namespace cce {

TEST_CASE("metrics: a rank counts within a metric's cut-off, by 1 / log2(rank + 2) for NDCG") {
  CHECK(contribution(Metric::hr5, 4, 200) == 1);
  CHECK(contribution(Metric::hr5, 5, 200) == 0);
  CHECK(contribution(Metric::hr20, 19, 200) == 1);
  CHECK(contribution(Metric::ndcg10, 0, 200) == 1);
  CHECK(contribution(Metric::ndcg10, 9, 200) == doctest::Approx(1 / std::log2(11)));
  CHECK(contribution(Metric::ndcg10, 10, 200) == 0);
  CHECK(contribution(Metric::mrr, 99, 200) == doctest::Approx(0.01));
}

TEST_CASE("metrics: an answer that was no candidate is a miss in all of them") {
  for (int i = 0; i < kMetricCount; ++i) CHECK(contribution(static_cast<Metric>(i), 3, 3) == 0);
}

TEST_CASE("metrics: means over users") {
  const Metrics metrics = metrics_of({0, 4, 5, 19, 20, 100}, 100);
  CHECK(metrics[Metric::hr5] == doctest::Approx(2.0 / 6));
  CHECK(metrics[Metric::hr10] == doctest::Approx(3.0 / 6));
  CHECK(metrics[Metric::hr20] == doctest::Approx(4.0 / 6));
  CHECK(metrics[Metric::ndcg5] == doctest::Approx((1 + 1 / std::log2(6.0)) / 6));
  CHECK(metrics[Metric::ndcg10] == doctest::Approx((1 + 1 / std::log2(6.0) + 1 / std::log2(7.0)) / 6));
  CHECK(metrics[Metric::ndcg20] ==
        doctest::Approx((1 + 1 / std::log2(6.0) + 1 / std::log2(7.0) + 1 / std::log2(21.0)) / 6));
  CHECK(metrics[Metric::mrr] == doctest::Approx((1 + 1.0 / 5 + 1.0 / 6 + 1.0 / 20 + 1.0 / 21) / 6));
}

}  // namespace cce
