#include "tools/run_folder.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <exception>
#include <utility>

#include "engine/error.h"
#include "tools/checksum.h"
#include "tools/counted.h"
#include "tools/durable_file.h"
#include "tools/metrics_file.h"
#include "tools/run_replacement.h"
#include "tools/tensorboard.h"

namespace cce {
namespace fs = std::filesystem;
namespace {

void make_parents(const fs::path& path) {
  const fs::path parent = path.parent_path();
  if (parent.empty() || fs::exists(parent)) return;
  make_parents(parent);
  make_folder(parent);
}

/// 1 for the default folder itself, N for NAME-N, 0 for any other name.
int suffix_of(const std::string& name, const std::string& default_name) {
  if (name == default_name) return 1;
  if (!name.starts_with(default_name + "-")) return 0;
  const char* begin = name.data() + default_name.size() + 1;
  const char* end = name.data() + name.size();
  int number = 0;
  const auto [stopped, error] = std::from_chars(begin, end, number);
  return error == std::errc() && stopped == end && *begin != '0' && number >= 2 && end - begin <= 9 ? number
                                                                                                    : 0;
}

/// The suffixes in use, ascending.
std::vector<int> suffixes_in(const fs::path& runs, const std::string& default_name) {
  std::vector<int> suffixes;
  std::error_code none;  // no such folder yet: no runs
  for (const auto& entry : fs::directory_iterator(runs, none)) {
    const int suffix = suffix_of(entry.path().filename().string(), default_name);
    if (suffix > 0) suffixes.push_back(suffix);
  }
  std::ranges::sort(suffixes);
  return suffixes;
}

fs::path default_folder(const RunFolderRequest& request, int suffix) {
  return request.runs /
         (suffix == 1 ? request.default_name : fmt::format("{}-{}", request.default_name, suffix));
}

bool is_finished(const fs::path& run) {
  return fs::exists(run / file_name(RunFile::result)) && !replacement_interrupted(run);
}

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Makes the event file that of `metrics`, which stand in `place`; it keeps the time at which it began.
void rewrite_events(const fs::path& file, const std::string& metrics, const std::string& place) {
  const std::string before = fs::exists(file) ? read_file(file, most_bytes(RunFile::events)) : "";
  write_durably(file, events_of(metrics, begin_of_events(before, seconds_since_1970()), place));
}

[[noreturn]] void refuse_other_files(const fs::path& path) {
  fail_usage("{}: has files, but none of a run; choose another folder with --out", path.string());
}

/// Says what stands where a new run was to be, and what to do about it.
[[noreturn]] void refuse_existing(const fs::path& out) {
  const std::string name = out.string();
  if (!fs::is_directory(out))
    fail_usage("--out {}: is a file, and a run needs a folder; choose another", name);
  if (fs::is_empty(out)) fail_usage("--out {}: exists, though it is empty; --overwrite uses it", name);
  if (!has_run_files(out) && !replacement_interrupted(out)) refuse_other_files(out);
  fail_usage("--out {}: exists; --resume goes on with the run in it, --overwrite replaces it", name);
}

/// Throws if the run in `path`, which has no resume.safetensors, must have had one: from the second line of
/// metrics on. The first is written before the first commit, so that a kill may leave it alone.
void refuse_lost_epochs(const fs::path& path) {
  const int64_t epochs = count_epochs(path / file_name(RunFile::metrics));
  require(epochs < 2,
          "{}: has the metrics of {} epochs, but no {} to go on from; give another --out, or --overwrite to "
          "start anew in their place",
          path.string(), epochs, file_name(RunFile::resume));
}

}  // namespace

RunFolder::RunFolder(const RunFolderRequest& request) : RunFolder() {
  // Delegating: what throws from here on is followed by the destructor, which clears away what was made.
  try {
    events_ = request.tensorboard, overwrites_ = request.overwrite;
    if (request.out.empty()) {
      take_default(request);
    } else {
      take_named(request);
    }
  } catch (const fs::filesystem_error& error) {
    fail("{}: {}", error.path1().string(), error.code().message());
  }
}

void RunFolder::take_named(const RunFolderRequest& request) {
  fs::path out = request.out.lexically_normal();
  if (!out.has_filename()) out = out.parent_path();  // "runs/mine/"
  if (take_new(out)) {
    if (request.resume) notice_ = fmt::format("{} does not exist yet: starting anew", out.string());
  } else if (request.resume || request.overwrite) {
    take_existing(out, request);
  } else {
    refuse_existing(out);
  }
}

void RunFolder::take_default(const RunFolderRequest& request) {
  const std::vector<int> suffixes = suffixes_in(request.runs, request.default_name);
  if (request.resume && !suffixes.empty()) {
    const auto unfinished = std::find_if(suffixes.rbegin(), suffixes.rend(), [&](int suffix) {
      return !is_finished(default_folder(request, suffix));
    });
    return take_existing(
        default_folder(request, unfinished == suffixes.rend() ? suffixes.back() : *unfinished), request);
  }
  int suffix = suffixes.empty() || request.overwrite ? 1 : suffixes.back() + 1;
  while (!take_new(default_folder(request, suffix))) {
    if (request.overwrite) return take_existing(default_folder(request, suffix), request);
    ++suffix;  // another process was faster
  }
  if (suffix > 1) {
    notice_ =
        fmt::format("{} exists: this run goes to {}",
                    default_folder(request, suffixes.empty() ? 1 : suffixes.back()).string(), path_.string());
  } else if (request.resume) {
    notice_ = fmt::format("{} does not exist yet: starting anew", path_.string());
  }
}

bool RunFolder::take_new(const fs::path& path) {
  make_parents(path);
  if (!make_folder(path)) return false;
  try {
    lock_ = FolderLock(path);
  } catch (const FolderInUse&) {
    return false;  // by a process that found it before it was locked
  }
  if (!fs::is_empty(path)) {  // likewise
    lock_ = {};
    return false;
  }
  path_ = writing_ = path;
  made_ = true;
  require_writable(this->path(RunFile::config));
  return true;
}

void RunFolder::take_existing(const fs::path& path, const RunFolderRequest& request) {
  if (!fs::is_directory(path)) refuse_existing(path);
  lock_ = FolderLock(path);
  path_ = writing_ = path;
  committed_ = true;  // nothing here is this run's to remove
  recover_replacement(path);
  if (request.resume && is_finished(path)) {
    state_ = State::finished;
    notice_ = fmt::format("{} is finished: see {}", path.string(), this->path(RunFile::result).string());
    return;
  }
  for (const char* name : kRunFileNames) remove_temporaries(path / name);
  const bool has_run = has_run_files(path);
  if (!has_run && !fs::is_empty(path)) refuse_other_files(path);
  require_writable(this->path(RunFile::config));
  if (request.resume && fs::exists(this->path(RunFile::resume))) {
    state_ = State::resuming;
    notice_ = fmt::format("resuming {}", path.string());
    return;
  }
  if (request.resume) {
    refuse_lost_epochs(path);
    notice_ = fmt::format("{} has no {}: starting anew{}", path.string(), file_name(RunFile::resume),
                          has_run ? "; what is there is replaced after the first epoch" : "");
  }
  if (has_run) writing_ = begin_replacement(path);
  committed_ = false;
}

RunFolder::~RunFolder() {
  try {
    leave_no_trace();
  } catch (const std::exception&) {
    // Cleaning up is a courtesy; the error that brought us here is the one to report.
  }
}

void RunFolder::leave_no_trace() {
  if (committed_ || path_.empty()) return;
  if (writing_ != path_) return abandon_replacement(path_);
  remove_run_files(path_);
  if (made_ && fs::is_empty(path_)) remove_durably(path_);
}

void RunFolder::commit() {
  if (writing_ != path_) finish_replacement(path_);
  writing_ = path_;
  committed_ = true;
}

void RunFolder::write_config(std::string_view toml) {
  if (state_ == State::resuming && fs::exists(path(RunFile::config))) return;
  write_durably(path(RunFile::config), toml);
}

void RunFolder::write_items(std::string_view tsv) {
  write_durably(path(RunFile::items), tsv);
}

void RunFolder::write_tensors(RunFile file, const TensorFile& tensors) {
  if (file != RunFile::resume) return write_safetensors(path(file), tensors);
  write_safetensors(path(file), with_checksum(tensors));
  commit();
}

TensorFile RunFolder::read_resume() const {
  const fs::path file = path(RunFile::resume);
  TensorFile tensors;
  try {
    tensors = read_safetensors(file);
  } catch (const Error& error) {
    if (error.code() != ExitCode::failed) throw;
    fail("{}; give another --out, or --overwrite to start anew", error.what());
  }
  require_checksum(tensors, file.string());
  return tensors;
}

void RunFolder::append_metrics(const EpochRecord& record) {
  append_line(to_json(record));
}

void RunFolder::append_metrics(const PretrainingRecord& record) {
  append_line(to_json(record));
}

void RunFolder::append_line(const std::string& line) {
  append_durably(path(RunFile::metrics), line + "\n");
  if (!events_) return;
  const fs::path file = path(RunFile::events);
  const double now = seconds_since_1970();
  append_durably(file, (fs::exists(file) ? "" : events_begin(now)) + epoch_event(line, now, file.string()));
}

void RunFolder::cut_back_metrics(int64_t epoch) {
  const fs::path file = path(RunFile::metrics);
  const KeptRecords kept = cut_back_to(file, epoch);
  if (kept.epochs < epoch) {
    fmt::print(stderr, "{}: lacks {} of {}; the run goes on, but its curves lack them\n", file.string(),
               epoch - kept.epochs, counted(epoch, "epoch"));
  }
  if (events_ && fs::exists(file)) rewrite_events(path(RunFile::events), kept.lines, file.string());
}

void RunFolder::write_ranks(std::span<const UserRanks> ranks) {
  write_durably(path(RunFile::ranks), to_tsv(ranks));
}

void RunFolder::write_result(const RunResult& result) {
  write_durably(path(RunFile::result), to_json(result));
  commit();
}

void RunFolder::write_result(const PretrainingResult& result) {
  write_durably(path(RunFile::result), to_json(result));
  commit();
}

fs::path find_checkpoint(const fs::path& run_or_file) {
  if (!fs::is_directory(run_or_file)) {
    require(fs::exists(run_or_file), "{}: no such file or run folder", run_or_file.string());
    return run_or_file;
  }
  for (const RunFile file : {RunFile::best, RunFile::last}) {
    if (fs::exists(run_or_file / file_name(file))) return run_or_file / file_name(file);
  }
  fail("{}: has no {}; was it trained for an epoch?", run_or_file.string(), file_name(RunFile::best));
}

}  // namespace cce
