// A run as far as its folder tells: finished or not, trained or pre-trained, whole or damaged.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/run_comparison.h"
#include "tools/run_records.h"

namespace cce {

struct ReportedRun {
  std::string name;  ///< for people; no other run of the report has it
  std::filesystem::path folder;
  bool pretraining = false;
  /// Empty where no file says.
  std::string model, loss, data;
  /// The lines of config.toml, and of options that came later than the run their defaults.
  std::vector<std::pair<std::string, std::string>> options;
  /// One of these, as the run is of one kind or the other.
  std::vector<EpochRecord> epochs;
  std::vector<PretrainingRecord> pretraining_epochs;
  /// Likewise; nothing as long as the run is not finished.
  std::optional<RunResult> result;
  std::optional<PretrainingResult> pretraining_result;
  std::vector<UserRanks> ranks;
  /// From the checkpoint's header; empty and 0 without one.
  std::string data_fingerprint;
  int64_t items = 0;  ///< that the model knows
  /// A line for each file that cannot be read, with its path.
  std::vector<std::string> faults;
  /// The first of those without which the run cannot be compared with another: its options, result and ranks.
  std::string fault_of_ranking;

  bool finished() const { return result || pretraining_result; }
  /// The option's value; "" if it is not there.
  std::string option(const std::string& name) const;
  /// The place in `epochs` of the best: of the one that was tested, or of the best so far.
  std::optional<size_t> best_epoch() const;
  /// Trained so far.
  int64_t epoch_count() const;
};

/// Reads what is in the folder. What cannot be read is left empty and told in `faults`.
ReportedRun read_reported_run(const std::filesystem::path& folder);

/// What of a finished training is compared with another; refers to the run. The items that were ranked are
/// those that the result names, or, of one that names none, those that the model knows.
RankedRun ranked(const ReportedRun& run);

/// The run folders that an argument means: itself, or those in it by name. Throws if there are none.
std::vector<std::filesystem::path> run_folders(const std::filesystem::path& run_or_folder_of_runs);

/// Gives every run the name of its folder, or the whole path where two folders have the same name.
void name_runs(std::vector<ReportedRun>& runs);

}  // namespace cce
