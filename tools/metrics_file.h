// metrics.jsonl: a record of each epoch of a run, a line each (run_records.h). A last line without its line
// feed, which a kill tore, counts as not there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tools/run_records.h"

namespace cce {

/// The records in order; none if there is no such file.
std::vector<EpochRecord> read_metrics(const std::filesystem::path& path);
/// The same of a pre-training.
std::vector<PretrainingRecord> read_pretraining_metrics(const std::filesystem::path& path);

/// How many records there are.
int64_t count_epochs(const std::filesystem::path& path);

struct KeptRecords {
  std::string lines;
  int64_t epochs = 0;  ///< as many as there are lines
};
/// Removes the records of later epochs than `epoch`, those that do not come after the one before them, and a
/// torn line. Returns what is left: nothing if there is no such file.
KeptRecords cut_back_to(const std::filesystem::path& path, int64_t epoch);

}  // namespace cce
