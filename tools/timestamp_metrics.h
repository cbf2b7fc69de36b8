// How well a model ranks at each timestamp of the sequences, as `evaluate --by-timestamp` writes it down.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/run_records.h"

namespace cce {

/// One timestamp. Timestamps are counted so that the last one (50 where sequences are cut to 50) is the test
/// item, the one before it the validation item, and those before that the targets of training, in order.
struct TimestampMetrics {
  int64_t timestamp = 0;
  int64_t users = 0;  ///< who have an item there; at least one
  Metrics metrics;    ///< means over them
  bool operator==(const TimestampMetrics&) const = default;
};

/// {"timestamps": [{"timestamp": 1, "users": 9, "HR@5": ..., ..., "MRR": ...}, ...]}
std::string to_json(std::span<const TimestampMetrics> timestamps);
/// Throws, naming `place`, for anything that to_json() does not write.
std::vector<TimestampMetrics> parse_timestamps(std::string_view json, const std::string& place);

}  // namespace cce
