// Two runs on the same users: how far their metrics are apart, and whether by more than chance.
#pragma once

#include <span>
#include <string>

#include "tools/run_records.h"
#include "tools/statistics.h"

namespace cce {

/// What of a run is compared.
struct RankedUsers {
  std::span<const UserRanks> ranks;
  int64_t items;  ///< that were ranked; 0: not known, which counts misses as very low ranks
};

/// The same, with what says whether it can be compared with another's.
struct RankedRun {
  std::string name;  ///< for messages
  std::string data;
  std::string seen;  ///< --seen; empty where no file says
  RankedUsers users;
};
/// Whether both left out the same of the items that users had before, as far as is known.
bool ranked_the_same_candidates(const RankedRun& a, const RankedRun& b);
/// Throws unless ranks of the one mean what ranks of the other do: on the same data, among the same
/// candidates, and of the same users in the same order.
void require_comparable(const RankedRun& a, const RankedRun& b);

/// Of a metric on the test items.
struct RunComparison {
  double mean_a = 0, mean_b = 0;
  TTest test;         ///< of b - a, paired by user
  Interval interval;  ///< of b - a
};
/// Throws if there are fewer than two users. The ranks are of the same users.
RunComparison compare_runs(const RankedUsers& a, const RankedUsers& b, Metric metric);

/// "p < .001", "p = 0.042".
std::string probability_text(double p);

}  // namespace cce
