// The folder of a run: which one it is, that nobody else uses it, and its files.
//
// The order of a trainer's writes: config.toml; then per epoch best.safetensors if it improved,
// last.safetensors, the line of metrics.jsonl, and resume.safetensors, whose rename commits the epoch; at the
// end ranks.tsv, and result.json, which marks the run as finished. Killed between two of these, a run resumes
// from the last commit: resume.safetensors holds everything, and metrics.jsonl is cut back to its epoch.
//
// A run that starts anew in a folder with files of an earlier run (--overwrite; --resume where no epoch was
// saved) writes into a folder within until its first commit, and only then takes the place of the old files:
// see run_replacement.h. Until that moment the earlier run stays as it was; only files of a run are ever
// removed, nothing else in the folder is touched.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/folder_lock.h"
#include "tools/run_records.h"
#include "tools/safetensors.h"

namespace cce {

enum class RunFile { config, metrics, result, ranks, best, last, resume };
/// "config.toml", ...
const char* file_name(RunFile file);

/// Which folder the command line asks for.
struct RunFolderRequest {
  std::filesystem::path out;            ///< --out; empty: the default folder
  std::string default_name;             ///< "gru4rec-cce-toys-42": <model>-<loss>-<data>-<seed>
  bool resume = false;                  ///< --resume
  bool overwrite = false;               ///< --overwrite
  std::filesystem::path runs = "runs";  ///< where default folders are
};

class RunFolder {
 public:
  enum class State {
    anew,      ///< train from the start
    resuming,  ///< resume.safetensors is there, result.json is not
    finished,  ///< nothing to do; notice() says so, and the program ends with exit code 0
  };

  /// Chooses, makes and locks the folder:
  ///  - `out`: must not exist, unless `resume` (a missing one starts anew, a finished one stays as it is) or
  ///    `overwrite`; with these, a folder that has files, but none of a run, is refused;
  ///  - the default: runs/<default_name>; where it exists, the one after the highest suffix in use (-2, -3,
  ///  ...). With
  ///    `resume` the highest one that is not finished; with `overwrite` the one without suffix.
  /// Throws (exit code 2 where the command line is at fault) if the folder is refused, in use by another
  /// process, or not writable. Leftovers of a killed process are cleared away.
  explicit RunFolder(const RunFolderRequest& request);
  /// A folder that was made here, and that is still empty, is removed again.
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  State state() const { return state_; }
  const std::filesystem::path& path() const { return path_; }
  /// What the user should know about the choice of the folder, one line; often empty.
  const std::string& notice() const { return notice_; }
  /// Where the file of this run is at the moment.
  std::filesystem::path path(RunFile file) const { return writing_ / file_name(file); }

  void write_config(std::string_view toml);
  /// Writes `best`, `last` or `resume`.
  void write_tensors(RunFile file, const TensorFile& tensors);
  void append_metrics(const EpochRecord& record);
  /// Keeps the lines of epochs 1 .. `epoch`, which must be there; a torn last line is dropped.
  void cut_back_metrics(int64_t epoch);
  void write_ranks(std::span<const UserRanks> ranks);
  void write_result(const RunResult& result);

 private:
  void take_default(const RunFolderRequest& request);
  void take_named(const RunFolderRequest& request);
  void use_existing(const RunFolderRequest& request);
  void commit();

  std::filesystem::path path_;
  std::filesystem::path writing_;  // path_, or the folder within it until the first commit
  State state_ = State::anew;
  std::string notice_;
  bool made_ = false;
  FolderLock lock_;
};

/// The records of a metrics.jsonl in order. A torn last line, without its line feed, is left out.
std::vector<EpochRecord> read_metrics(const std::filesystem::path& path);
/// What --checkpoint and --init mean: a run's best.safetensors (for a pre-training run, which has none,
/// last.safetensors), or the file itself.
std::filesystem::path find_checkpoint(const std::filesystem::path& run_or_file);

}  // namespace cce
