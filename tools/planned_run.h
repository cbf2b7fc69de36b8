// A training that belongs to an artefact of the paper: an ordinary run of `train`, whose name says what it
// is, so that artefacts that need the same training share its folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tools/options.h"
#include "tools/paper_numbers.h"
#include "tools/run_records.h"

namespace cce {

/// The most epochs of a run by the authors' protocol.
inline constexpr int kProtocolEpochs = 200;

struct PlannedRun {
  Cell cell;
  uint64_t seed = 42;
  int epochs = kUnset;  ///< at most so many, of pre-training, too; kUnset: as many as the protocol allows
  /// What differs from the protocol of the authors' code, by option: {"negatives", "100"}.
  std::map<std::string, std::string> changes;
  std::string device = "cpu";  ///< where it computes, which is not part of what it is
};

/// <model>-<loss>-<data>-<seed>, followed by the changes: "sasrec-bce-beauty-42-negatives-100". The limit of
/// epochs is not part of it: a quick look and the real thing exclude each other in one folder.
std::string name(const PlannedRun& run);

/// After how many epochs it ends at the latest.
int most_epochs(const PlannedRun& run);

/// What to call this program with: the protocol of the authors' code. GRU4Rec reads its padding, and training
/// goes on for up to 200 epochs while validation NDCG@20 gains within 10. The test split is measured after
/// each epoch, which changes nothing else. Without --out, --resume and --quiet.
std::vector<std::string> training_arguments(const PlannedRun& run);

/// S3-Rec's pre-training that the run begins with and shares with other losses: its folder and arguments.
std::string pretraining_name(const PlannedRun& run);
std::vector<std::string> pretraining_arguments(const PlannedRun& run);

/// Throws a usage error if a run's folder within `folder`, or that of its pre-training, holds weights,
/// finished or not, that were made with other options, or of other data than what now goes by that name on
/// this machine; or a result of more epochs. (A result alone, as those that are kept in docs/results, says no
/// options: of a run that was cut shorter than this one nobody can tell.)
void require_unchanged(std::span<const PlannedRun> runs, const std::filesystem::path& folder);

bool is_finished(const PlannedRun& run, const std::filesystem::path& folder);
/// What a finished run reports; nothing of one that is not finished. Throws if the folder holds another run
/// than its name says.
std::optional<RunResult> read_result(const PlannedRun& run, const std::filesystem::path& folder);
/// The same of S3-Rec's pre-training that the run begins with.
std::optional<PretrainingResult> read_pretraining(const PlannedRun& run, const std::filesystem::path& folder);
/// The epochs of a finished run.
std::vector<EpochRecord> read_epochs(const PlannedRun& run, const std::filesystem::path& folder);

}  // namespace cce
