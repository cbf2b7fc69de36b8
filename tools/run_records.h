// What a run writes down about itself: the lines of metrics.jsonl, result.json and ranks.tsv.
//
// Numbers are written so that reading them gives the same bits. The readers are strict: a missing, unknown,
// repeated or ill-typed key is an Error that names the place. Only these may be missing: an epoch's "test",
// and of a result "version", "machine" and "items", which early runs did not write.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/metrics.h"

namespace cce {

/// {"HR@5": ..., ..., "MRR": ...}: also what `evaluate --json` prints.
std::string to_json(const Metrics& metrics);
Metrics parse_metrics(std::string_view json, const std::string& place);

/// One line of metrics.jsonl. Its metrics are HR@5 .. NDCG@20; MRR is left out, and is 0 when read back.
struct EpochRecord {
  int64_t epoch = 0;  ///< from 1
  double loss = 0;    ///< mean over the epoch
  double seconds_train = 0, seconds_valid = 0;
  Metrics valid;
  std::optional<Metrics> test;  ///< where asked for
};
/// One line, without the line feed. Throws if a number is NaN or infinite, as all writers here do.
std::string to_json(const EpochRecord& record);
EpochRecord parse_epoch_record(std::string_view json, const std::string& place);

/// The epoch of a line of metrics.jsonl, of whichever kind the run is.
int64_t epoch_of_record(std::string_view json, const std::string& place);

/// The objectives of S3-Rec's pre-training, in the order of kObjectiveNames.
inline constexpr std::array<const char*, 4> kObjectiveNames = {"aap", "mip", "map", "sp"};
using Objectives = std::array<double, kObjectiveNames.size()>;

/// One line of metrics.jsonl of a pre-training; losses are means over its samples.
struct PretrainingRecord {
  int64_t epoch = 0;  ///< from 1
  double loss = 0;
  Objectives objectives{};
  double seconds_train = 0;
};
std::string to_json(const PretrainingRecord& record);
PretrainingRecord parse_pretraining_record(std::string_view json, const std::string& place);

/// result.json of a pre-training.
struct PretrainingResult {
  std::string model, data;
  uint64_t seed = 0;
  std::string device;
  int64_t threads = 0;
  std::string version, machine;  ///< what finished it: program, and processor or GPU; "": it does not say
  int64_t samples = 0;           ///< in an epoch
  int64_t epochs = 0;
  int64_t parameters = 0;
  double seconds_per_epoch = 0;  ///< median
  double seconds_total = 0;
  int64_t peak_rss_bytes = 0, peak_device_bytes = 0;
};
std::string to_json(const PretrainingResult& result);
PretrainingResult parse_pretraining_result(std::string_view json, const std::string& place);

/// result.json.
struct RunResult {
  std::string model, loss, timestamps, data;
  uint64_t seed = 0;
  std::string device;
  int64_t threads = 0;
  std::string version, machine;  ///< what finished it: program, and processor or GPU; "": it does not say
  int64_t epochs = 0;            ///< trained
  int64_t best_epoch = 0;        ///< the one whose weights were tested
  int64_t parameters = 0;        ///< numbers in the model
  int64_t items = 0;             ///< that were ranked; 0: not known, of a run that does not say
  double seconds_per_epoch = 0;  ///< median, training only
  double seconds_total = 0;
  int64_t peak_rss_bytes = 0, peak_device_bytes = 0;
  Metrics valid, test;
};
/// The whole file: indented, with a line feed at its end.
std::string to_json(const RunResult& result);
RunResult parse_run_result(std::string_view json, const std::string& place);

/// How many candidates rank before the user's target: those that scored higher, and half of those that scored
/// the same, rounded up. 0 is best, and the number of items stands for a target that was no candidate.
struct UserRanks {
  std::string user;  ///< the raw id
  int64_t valid = 0, test = 0;
  bool operator==(const UserRanks&) const = default;
};
/// ranks.tsv: a line of column names (user, valid, test), then a line per user.
std::string to_tsv(std::span<const UserRanks> ranks);
std::vector<UserRanks> parse_ranks(std::string_view tsv, const std::string& place);

}  // namespace cce
