#include "tools/metrics.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine/error.h"

namespace cce {

Metric metric_named(std::string_view name) {
  const auto found =
      std::ranges::find(kMetricNames, name, [](const char* known) { return std::string_view(known); });
  if (found == kMetricNames.end()) {
    fail_usage("unknown metric {:?}; known are {}", name, fmt::join(kMetricNames, ", "));
  }
  return static_cast<Metric>(found - kMetricNames.begin());
}

double contribution(Metric metric, int64_t rank, int64_t items) {
  if (rank >= items) return 0;
  const auto hit = [rank](int64_t k) { return rank < k ? 1.0 : 0.0; };
  const auto gain = [&](int64_t k) { return hit(k) / std::log2(static_cast<double>(rank) + 2); };
  switch (metric) {
    case Metric::hr5:
      return hit(5);
    case Metric::hr10:
      return hit(10);
    case Metric::hr20:
      return hit(20);
    case Metric::ndcg5:
      return gain(5);
    case Metric::ndcg10:
      return gain(10);
    case Metric::ndcg20:
      return gain(20);
    case Metric::mrr:
      return 1 / (static_cast<double>(rank) + 1);
  }
  return 0;
}

Metrics metrics_of(const std::vector<int32_t>& ranks, int64_t items) {
  Metrics metrics;
  for (int i = 0; i < kMetricCount; ++i) {
    double sum = 0;
    for (const int32_t rank : ranks) sum += contribution(static_cast<Metric>(i), rank, items);
    metrics.values[static_cast<size_t>(i)] = sum / static_cast<double>(ranks.size());
  }
  return metrics;
}

}  // namespace cce
