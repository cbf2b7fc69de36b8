// The metrics of full ranking, from ranks. A rank counts the items that stand before the answer, from 0; one
// of as many as there are items stands for an answer that was no candidate, which is a miss whatever the
// metric.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cce {

enum class Metric { hr5, hr10, hr20, ndcg5, ndcg10, ndcg20, mrr };
inline constexpr int kMetricCount = 7;
inline constexpr std::array<const char*, kMetricCount> kMetricNames = {
    "HR@5", "HR@10", "HR@20", "NDCG@5", "NDCG@10", "NDCG@20", "MRR"};
constexpr const char* name(Metric metric) {
  return kMetricNames[static_cast<size_t>(metric)];
}
/// The metric of that name; wrong use (exit code 2), with the list, if there is none.
Metric metric_named(std::string_view name);

/// Means over users.
struct Metrics {
  std::array<double, kMetricCount> values{};
  double& operator[](Metric metric) { return values[static_cast<size_t>(metric)]; }
  double operator[](Metric metric) const { return values[static_cast<size_t>(metric)]; }
  bool operator==(const Metrics&) const = default;
};

/// What an answer of this rank among `items` adds to the mean: 1 within the first k for HR@k, there 1 /
/// log2(rank + 2) for NDCG@k, 1 / (rank + 1) for MRR, and 0 elsewhere.
double contribution(Metric metric, int64_t rank, int64_t items);
Metrics metrics_of(const std::vector<int32_t>& ranks, int64_t items);

}  // namespace cce
