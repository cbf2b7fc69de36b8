// What `evaluate --save` writes: what was measured, and of which weights on which data, so that whoever finds
// the file later can tell whether it still belongs to a checkpoint.
#pragma once

#include <string>
#include <string_view>

namespace cce {

struct SavedEvaluation {
  std::string weights;   ///< the checkpoint's checksum (checksum.h)
  std::string data;      ///< the data's fingerprint (Dataset::fingerprint)
  std::string measured;  ///< a JSON object: Metrics (run_records.h), or timestamps (timestamp_metrics.h)
};

/// {"weights": "...", "data": "...", "measured": {...}} and a line feed.
std::string to_json(const SavedEvaluation& evaluation);
/// Throws, naming `place`, for anything that to_json() does not write.
SavedEvaluation parse_saved_evaluation(std::string_view json, const std::string& place);

}  // namespace cce
