// The folder of a run: which one it is, that nobody else uses it, and its files.
//
// The order of a trainer's writes: config.toml and, if the data has a map of item ids, items.tsv; after each
// epoch best.safetensors if it improved, last.safetensors, the line of metrics.jsonl (and of the event file),
// and resume.safetensors, whose rename commits the epoch; at the end ranks.tsv and result.json, which marks
// the run as finished. Killed between two of these, a run resumes from the last commit: resume.safetensors
// holds everything, and metrics.jsonl is cut back to its epoch.
//
// A run that fails before its first commit leaves no trace. If the folder has files of an earlier run
// (--overwrite; or --resume where no epoch was saved), the new one writes into a folder within until its
// first commit, and then takes the old one's place at once (run_replacement.h). Only files of a run are ever
// removed; nothing else in the folder is touched.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/folder_lock.h"
#include "tools/run_files.h"
#include "tools/run_records.h"
#include "tools/safetensors.h"

namespace cce {

/// Which folder the command line asks for.
struct RunFolderRequest {
  std::filesystem::path out;            ///< --out; empty: the default folder
  std::string default_name;             ///< <model>-<loss>-<data>-<seed>
  bool resume = false;                  ///< --resume
  bool overwrite = false;               ///< --overwrite; never both
  std::filesystem::path runs = "runs";  ///< where default folders are
  bool tensorboard = false;             ///< --tensorboard: write events beside the metrics
};

class RunFolder {
 public:
  enum class State {
    anew,      ///< train from the start
    resuming,  ///< go on from resume.safetensors
    finished,  ///< result.json is there: nothing to do, notice() says so, and the program ends with exit code
               ///< 0
  };

  /// Chooses, makes and locks the folder:
  ///  - `out`: must not exist, unless `resume` (a missing one starts anew, a finished one stays as it is) or
  ///    `overwrite`; even then a folder that has files, but none of a run, is refused;
  ///  - the default: runs/<default_name>; where it exists, with the suffix after the highest in use (-2, -3,
  ///    ...). With `resume` the highest one that is not finished, with `overwrite` the one without a suffix.
  /// With `resume`, a run without resume.safetensors starts anew where its metrics have at most one epoch (as
  /// much is left by a kill before the first commit), and is refused where they have more. Throws if the
  /// folder is refused (exit code 2), lacks what was committed, is in use by another process, or is not
  /// writable. What a killed process left half-done is cleared away.
  explicit RunFolder(const RunFolderRequest& request);
  /// Without a commit, removes what this run wrote, and the folder if it was made here.
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  State state() const { return state_; }
  const std::filesystem::path& path() const { return path_; }
  /// Whether the first commit is to replace an earlier run, as --overwrite asked for.
  bool replaces_a_run() const { return overwrites_ && writing_ != path_; }
  /// What the user should know about the choice of the folder, one line; empty if there is nothing to tell.
  const std::string& notice() const { return notice_; }
  /// Where the file of this run is at the moment.
  std::filesystem::path path(RunFile file) const { return writing_ / file_name(file); }

  /// Leaves the config of a run that is resumed as it is.
  void write_config(std::string_view toml);
  /// The map of raw item ids, where the data has one.
  void write_items(std::string_view tsv);
  /// Writes `best`, `last` or `resume`; the last of these gets a checksum, and commits.
  void write_tensors(RunFile file, const TensorFile& tensors);
  /// resume.safetensors; throws if it is damaged.
  TensorFile read_resume() const;
  void append_metrics(const EpochRecord& record);
  void append_metrics(const PretrainingRecord& record);
  /// Keeps the lines of epochs up to `epoch`, each once; a torn last line is dropped. Events are written anew
  /// from them. Tells if epochs are missing, which are of no use but to look at.
  void cut_back_metrics(int64_t epoch);
  void write_ranks(std::span<const UserRanks> ranks);
  /// Commits, and finishes the run.
  void write_result(const RunResult& result);
  void write_result(const PretrainingResult& result);

 private:
  RunFolder() = default;
  void take_named(const RunFolderRequest& request);
  void take_default(const RunFolderRequest& request);
  bool take_new(const std::filesystem::path& path);
  void take_existing(const std::filesystem::path& path, const RunFolderRequest& request);
  void append_line(const std::string& line);
  void commit();
  void leave_no_trace();

  std::filesystem::path path_;
  std::filesystem::path writing_;  // path_, or the folder within it until the first commit
  State state_ = State::anew;
  std::string notice_;
  bool events_ = false;      // are wanted
  bool overwrites_ = false;  // --overwrite
  bool made_ = false;        // the folder itself
  bool committed_ = false;   // there is something to keep
  FolderLock lock_;
};

/// What --checkpoint and --init mean: a run's best.safetensors (last.safetensors where there is none, as
/// after pre-training), or the file itself.
std::filesystem::path find_checkpoint(const std::filesystem::path& run_or_file);

}  // namespace cce
