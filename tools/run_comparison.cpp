#include "tools/run_comparison.h"

#include <fmt/core.h>

#include <limits>
#include <vector>

#include "engine/error.h"

namespace cce {
namespace {

/// As runs on the same data have.
void require_same_users(std::span<const UserRanks> a, const std::string& name_a, std::span<const UserRanks> b,
                        const std::string& name_b) {
  require(a.size() == b.size(), "{} has {} users and {} has {}: they were not run on the same data", name_a,
          a.size(), name_b, b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    require(a[i].user == b[i].user, "user {} of {} is {} there and {} in {}: not the same data", i + 1,
            name_a, a[i].user, b[i].user, name_b);
  }
}

}  // namespace

bool ranked_the_same_candidates(const RankedRun& a, const RankedRun& b) {
  return a.seen == b.seen || a.seen.empty() || b.seen.empty();
}

void require_comparable(const RankedRun& a, const RankedRun& b) {
  require(a.data == b.data, "{} is of {} and {} of {}: only runs on the same data compare", a.name, a.data,
          b.name, b.data);
  const int64_t items_a = a.users.items, items_b = b.users.items;
  require(items_a == items_b || items_a == 0 || items_b == 0,
          "{} ranked {} items and {} {}: they were not run on the same data", a.name, items_a, b.name,
          items_b);
  require(ranked_the_same_candidates(a, b),
          "{} ranked with --seen {} and {} with --seen {}: only the same candidates compare", a.name, a.seen,
          b.name, b.seen);
  require_same_users(a.users.ranks, a.name, b.users.ranks, b.name);
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
