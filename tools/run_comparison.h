// Two runs on the same users: how far their metrics are apart, and whether by more than chance.
#pragma once

#include <span>
#include <string>

#include "tools/run_records.h"
#include "tools/statistics.h"

namespace cce {

/// What a user whose item has this rank adds to the mean that a metric is.
double contribution(Metric metric, int64_t rank);

/// Throws unless both are the ranks of the same users in the same order, as runs on the same data are. The
/// names stand for the runs in the message.
void require_same_users(std::span<const UserRanks> a, const std::string& name_a, std::span<const UserRanks> b,
                        const std::string& name_b);

/// Of a metric on the test items.
struct RunComparison {
  double mean_a = 0, mean_b = 0;
  TTest test;         ///< of b - a, paired by user
  Interval interval;  ///< of b - a
};
/// Throws if there are fewer than two users. The ranks are of the same users.
RunComparison compare_runs(std::span<const UserRanks> a, std::span<const UserRanks> b, Metric metric);

/// "p < .001", "p = 0.042".
std::string probability_text(double p);

}  // namespace cce
