#include "tools/shared_pretraining.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "data/catalog.h"
#include "tools/checksum.h"
#include "tools/pretrainer.h"
#include "tools/pretraining_stage.h"
#include "tools/run_replacement.h"
#include "tools/signals.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

PretrainOptions options_of_stage(const TrainOptions& options) {
  const PretrainOptions defaults;
  PretrainOptions stage;
  static_cast<CommonOptions&>(stage) = options;
  stage.optimizer = defaults.optimizer, stage.lr = defaults.lr, stage.weight_decay = defaults.weight_decay;
  stage.clip_norm = defaults.clip_norm, stage.mask_probability = defaults.mask_probability;
  stage.out = defaults.out, stage.resume = defaults.resume, stage.overwrite = defaults.overwrite;
  return stage;
}

bool has(const fs::path& folder, RunFile file) {
  return fs::exists(folder / file_name(file));
}

/// The weights of a pre-training that is finished. Nobody writes there any more, so it needs no lock, and any
/// number of runs can begin with them at the same time.
std::optional<fs::path> finished_weights(const fs::path& folder) {
  if (!has(folder, RunFile::result) || !has(folder, RunFile::last) || replacement_interrupted(folder))
    return std::nullopt;
  return folder / file_name(RunFile::last);
}

/// Finds or makes the pre-training of one training.
class SharedPretraining {
 public:
  SharedPretraining(const TrainOptions& options, const Dataset& dataset, const fs::path& run)
      : options_(options_of_stage(options)),
        dataset_(dataset),
        attributes_(load_attributes(options_.data, dataset, options_.attributes)),
        expected_(pretraining_info(options_, dataset, attributes_)),
        run_(run),
        runs_(run.parent_path().empty() ? "." : run.parent_path()),
        name_(pretraining_folder(options_, dataset).default_name) {}

  PretrainedWeights get() {
    for (;;) {
      const std::vector<fs::path> of_this_kind = find([&](const fs::path& folder) { return holds(folder); });
      for (const fs::path& folder : of_this_kind) {
        if (const auto weights = finished_weights(folder)) {
          fmt::print("pre-trained before: {}\n", weights->string());
          return {ExitCode::done, *weights};
        }
      }
      const std::vector<fs::path> begun = find_begun();
      const auto& candidates = of_this_kind.empty() ? begun : of_this_kind;
      try {
        const auto weights = candidates.empty() ? in_new_folder() : in_folder(candidates.front());
        if (weights) return *weights;
      } catch (const FolderInUse&) {
        if (!candidates.empty()) wait_for(candidates.front());
      }
      if (stop_requested() != 0) return {exit_code_of(stop_requested()), {}};
    }
  }

 private:
  /// The folders for a pre-training of this name that are so, in the order of their names.
  template <class IsSo>
  std::vector<fs::path> find(IsSo is_so) const {
    std::vector<fs::path> folders;
    std::error_code none;  // no such folder yet: no runs
    for (const auto& entry : fs::directory_iterator(runs_, none)) {
      const std::string own = entry.path().filename().string();
      const bool named = own == name_ || own.starts_with(name_ + "-");
      if (named && own != run_.filename() && entry.is_directory(none) && is_so(entry.path()))
        folders.push_back(entry.path());
    }
    std::ranges::sort(folders);
    return folders;
  }

  /// The folders of the default name, with or without a number, in which nothing is saved yet.
  std::vector<fs::path> find_begun() const {
    return find([&](const fs::path& folder) {
      const std::string suffix = folder.filename().string().substr(name_.size());
      return suffix.find_first_not_of("-0123456789") == std::string::npos && holds_nothing_yet(folder);
    });
  }

  /// Whether the folder holds a pre-training of this kind, finished or not. One that is damaged is none: it
  /// could not be gone on with.
  bool holds(const fs::path& folder) const {
    const bool finished = has(folder, RunFile::result);
    const fs::path file = folder / file_name(finished ? RunFile::last : RunFile::resume);
    if (!fs::exists(file)) return false;
    try {
      const TensorFile tensors = read_safetensors(file.string());
      if (!finished) require_checksum(tensors, file.string());
      const auto found = checkpoint_info(tensors, file.string());
      return found && found->model == expected_.model && found->options == expected_.options &&
             found->data_fingerprint == expected_.data_fingerprint &&
             found->attributes_fingerprint == expected_.attributes_fingerprint;
    } catch (const Error&) {
      return false;  // whatever it is, it is not what was looked for
    }
  }

  /// Whether no pre-training in the folder has saved an epoch: one has just begun there, or was killed before
  /// it wrote more than its config, so that the folder can be used and does not pile up with others.
  static bool holds_nothing_yet(const fs::path& folder) {
    if (has(folder, RunFile::resume) || has(folder, RunFile::result)) return false;
    std::error_code removed;  // by the process that was at work there
    const bool is_fresh = has(folder, RunFile::config) || fs::is_empty(folder, removed);
    // Anything else is somebody else's, unless a process is about to write its config or to save its first
    // epoch.
    return (is_fresh && !has(folder, RunFile::metrics) && !has(folder, RunFile::last)) || is_in_use(folder);
  }

  /// Pre-trains in a folder that holds this kind or nothing yet. Nothing where that has changed by the time
  /// it is locked. Throws FolderInUse.
  std::optional<PretrainedWeights> in_folder(const fs::path& path) const {
    const bool resumes = holds(path);
    RunFolder folder({.out = path, .resume = true, .tensorboard = options_.tensorboard});
    if ((folder.state() != RunFolder::State::anew) != resumes) return std::nullopt;
    return in(folder);
  }

  /// Pre-trains in a folder that is new. Nothing where another process began in the same moment and was
  /// first.
  std::optional<PretrainedWeights> in_new_folder() const {
    RunFolder folder({.default_name = name_, .runs = runs_, .tensorboard = options_.tensorboard});
    const std::vector<fs::path> begun = find_begun();
    const bool is_first = !begun.empty() && begun.front().filename() == folder.path().filename();
    if (!is_first || !find([&](const fs::path& other) { return holds(other); }).empty()) return std::nullopt;
    return in(folder);
  }

  PretrainedWeights in(RunFolder& folder) const {
    const ExitCode code = pretrain(options_, dataset_, attributes_, folder, "the same command goes on");
    if (code != ExitCode::done) return {code, {}};
    return {code, folder.path() / file_name(RunFile::last)};
  }

  /// Until the process at work there has ended, or has saved its first epoch, which tells what it makes.
  void wait_for(const fs::path& folder) const {
    fmt::print("another process is pre-training in {}: waiting for it\n", folder.string());
    std::fflush(stdout);
    const bool just_begun = !has(folder, RunFile::resume);
    do {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
    } while (is_in_use(folder) && !(just_begun && has(folder, RunFile::resume)) && stop_requested() == 0);
  }

  const PretrainOptions options_;
  const Dataset& dataset_;
  const Attributes attributes_;
  const CheckpointInfo expected_;
  const fs::path run_, runs_;
  const std::string name_;
};

}  // namespace

PretrainedWeights pretrain_before(const TrainOptions& options, const Dataset& dataset, const fs::path& run) {
  return SharedPretraining(options, dataset, run).get();
}

}  // namespace cce
