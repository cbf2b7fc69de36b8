#include "tools/run_comparison.h"

#include <fmt/core.h>

#include <cmath>
#include <vector>

#include "engine/error.h"

namespace cce {

double contribution(Metric metric, int64_t rank) {
  const auto within = [&](int64_t k) { return rank < k; };
  const double gain = 1 / std::log2(static_cast<double>(rank) + 2);
  switch (metric) {
    case Metric::hr5:
      return within(5);
    case Metric::hr10:
      return within(10);
    case Metric::hr20:
      return within(20);
    case Metric::ndcg5:
      return within(5) ? gain : 0;
    case Metric::ndcg10:
      return within(10) ? gain : 0;
    case Metric::ndcg20:
      return within(20) ? gain : 0;
    case Metric::mrr:
      return 1 / (static_cast<double>(rank) + 1);
  }
  return 0;
}

void require_same_users(std::span<const UserRanks> a, const std::string& name_a, std::span<const UserRanks> b,
                        const std::string& name_b) {
  require(a.size() == b.size(), "{} has {} users and {} has {}: they were not run on the same data", name_a,
          a.size(), name_b, b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    require(a[i].user == b[i].user, "user {} of {} is {} there and {} in {}: not the same data", i + 1,
            name_a, a[i].user, b[i].user, name_b);
  }
}

RunComparison compare_runs(std::span<const UserRanks> a, std::span<const UserRanks> b, Metric metric) {
  RunComparison comparison;
  std::vector<double> differences;
  for (size_t i = 0; i < a.size(); ++i) {
    const double of_a = contribution(metric, a[i].test), of_b = contribution(metric, b[i].test);
    comparison.mean_a += of_a, comparison.mean_b += of_b;
    differences.push_back(of_b - of_a);
  }
  const auto users = static_cast<double>(differences.size());
  comparison.mean_a /= users, comparison.mean_b /= users;
  comparison.test = paired_t_test(differences);
  comparison.interval = bootstrap_interval(differences);
  return comparison;
}

std::string probability_text(double p) {
  return p < 0.001 ? "p < .001" : fmt::format("p = {:.3f}", p);
}

}  // namespace cce
