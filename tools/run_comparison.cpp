#include "tools/run_comparison.h"

#include <fmt/core.h>

#include <limits>
#include <vector>

#include "engine/error.h"

namespace cce {

void require_same_users(std::span<const UserRanks> a, const std::string& name_a, std::span<const UserRanks> b,
                        const std::string& name_b) {
  require(a.size() == b.size(), "{} has {} users and {} has {}: they were not run on the same data", name_a,
          a.size(), name_b, b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    require(a[i].user == b[i].user, "user {} of {} is {} there and {} in {}: not the same data", i + 1,
            name_a, a[i].user, b[i].user, name_b);
  }
}

RunComparison compare_runs(const RankedUsers& a, const RankedUsers& b, Metric metric) {
  const auto of = [&](const RankedUsers& run, size_t user) {
    const int64_t items = run.items > 0 ? run.items : std::numeric_limits<int64_t>::max();
    return contribution(metric, run.ranks[user].test, items);
  };
  RunComparison comparison;
  std::vector<double> differences;
  for (size_t i = 0; i < a.ranks.size(); ++i) {
    const double of_a = of(a, i), of_b = of(b, i);
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
