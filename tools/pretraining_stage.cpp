#include "tools/pretraining_stage.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "data/catalog.h"
#include "tools/checksum.h"
#include "tools/chosen_device.h"
#include "tools/counted.h"
#include "tools/item_map_file.h"
#include "tools/pretrainer.h"
#include "tools/run_replacement.h"
#include "tools/signals.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

std::string default_name(const PretrainOptions& options, const Dataset& dataset) {
  return fmt::format("{}-pretrain-{}-{}", options.model, dataset.name, options.seed);
}

PretrainOptions options_of_stage(const TrainOptions& options) {
  const PretrainOptions defaults;
  PretrainOptions stage;
  static_cast<CommonOptions&>(stage) = options;
  stage.optimizer = defaults.optimizer, stage.lr = defaults.lr, stage.weight_decay = defaults.weight_decay;
  stage.clip_norm = defaults.clip_norm, stage.mask_probability = defaults.mask_probability;
  stage.out = defaults.out, stage.resume = defaults.resume, stage.overwrite = defaults.overwrite;
  return stage;
}

/// Whether the folder has this default name, with a suffix or without.
bool is_named(const fs::path& folder, const std::string& name) {
  const std::string own = folder.filename().string();
  return own == name || own.starts_with(name + "-");
}

/// Whether `folder` holds a pre-training that `expected` describes, finished or not. One that is damaged is
/// none: it could not be gone on with.
bool holds(const fs::path& folder, const CheckpointInfo& expected) {
  const bool finished = fs::exists(folder / file_name(RunFile::result));
  const fs::path file = folder / file_name(finished ? RunFile::last : RunFile::resume);
  if (!fs::exists(file)) return false;
  try {
    const TensorFile tensors = read_safetensors(file.string());
    if (!finished) require_checksum(tensors, file.string());
    const auto found = checkpoint_info(tensors, file.string());
    return found && found->model == expected.model && found->options == expected.options &&
           found->data_fingerprint == expected.data_fingerprint &&
           found->attributes_fingerprint == expected.attributes_fingerprint;
  } catch (const Error&) {
    return false;  // whatever it is, it is not what was looked for
  }
}

/// The folders in `runs` with this default name, in the order of their names.
std::vector<fs::path> folders_named(const std::string& name, const fs::path& runs) {
  std::vector<fs::path> folders;
  std::error_code none;  // no such folder yet: no runs
  for (const auto& entry : fs::directory_iterator(runs, none)) {
    if (is_named(entry.path(), name) && entry.is_directory(none)) folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  return folders;
}

/// The pre-training in `runs` that these options would make.
std::optional<fs::path> find_pretraining(const PretrainOptions& options, const Dataset& dataset,
                                         const Attributes& attributes, const fs::path& runs) {
  const CheckpointInfo expected = pretraining_info(options, dataset, attributes);
  for (const fs::path& folder : folders_named(default_name(options, dataset), runs)) {
    if (holds(folder, expected)) return folder;
  }
  return std::nullopt;
}

/// The weights of a pre-training that is finished. Nobody writes there any more, so it needs no lock, and any
/// number of runs can begin with them at the same time.
std::optional<fs::path> finished_weights(const fs::path& folder) {
  const fs::path weights = folder / file_name(RunFile::last);
  if (!fs::exists(folder / file_name(RunFile::result)) || replacement_interrupted(folder))
    return std::nullopt;
  return fs::exists(weights) ? std::optional(weights) : std::nullopt;
}

/// Whether a process is at work in the folder.
bool is_in_use(const fs::path& folder) {
  try {
    const FolderLock free(folder);
    return false;
  } catch (const Error&) {
    return true;
  }
}

/// Whether no pre-training in the folder has saved an epoch: one has just begun there, or was killed before
/// it wrote more than its config.
bool holds_nothing_yet(const fs::path& folder) {
  const auto has = [&](RunFile file) { return fs::exists(folder / file_name(file)); };
  if (has(RunFile::resume) || has(RunFile::result)) return false;
  std::error_code removed;  // by the process that was at work there
  const bool is_fresh = has(RunFile::config) || fs::is_empty(folder, removed);
  // Anything else is somebody else's, unless a process is about to write its config or to save its first
  // epoch.
  return (is_fresh && !has(RunFile::metrics) && !has(RunFile::last)) || is_in_use(folder);
}

/// The first folder in which nothing is saved yet. Where nobody is at work in it, it can be used, so that
/// what kills leave does not pile up.
std::optional<fs::path> find_begun(const std::string& name, const fs::path& runs) {
  const std::vector<fs::path> folders = folders_named(name, runs);
  const auto begun = std::ranges::find_if(folders, holds_nothing_yet);
  return begun == folders.end() ? std::nullopt : std::optional(*begun);
}

/// Pre-trains in the folder that has one of this kind; else in one that is new, or was left with nothing in
/// it. Nothing where another process began in the same moment, whose folder comes first. Throws FolderInUse
/// where another process is at work.
std::optional<PretrainedWeights> pretrain_here(const PretrainOptions& options, const Dataset& dataset,
                                               const Attributes& attributes,
                                               const std::optional<fs::path>& found, const fs::path& runs) {
  const std::string name = default_name(options, dataset);
  const auto existing = found ? found : find_begun(name, runs);
  RunFolder folder(
      existing ? RunFolderRequest{.out = *existing, .resume = true, .tensorboard = options.tensorboard}
               : RunFolderRequest{.default_name = name, .runs = runs, .tensorboard = options.tensorboard});
  const bool is_first = existing || (find_begun(name, runs) == folder.path() &&
                                     !find_pretraining(options, dataset, attributes, runs));
  if (!is_first) return std::nullopt;
  const ExitCode code = pretrain(options, dataset, attributes, folder, "the same command goes on");
  if (code != ExitCode::done) return PretrainedWeights{code, {}};
  return PretrainedWeights{code, folder.path() / file_name(RunFile::last)};
}

}  // namespace

RunFolderRequest pretraining_folder(const PretrainOptions& options, const Dataset& dataset) {
  return {.out = options.out,
          .default_name = default_name(options, dataset),
          .resume = options.resume,
          .overwrite = options.overwrite,
          .tensorboard = options.tensorboard};
}

ExitCode pretrain(const PretrainOptions& options, const Dataset& dataset, const Attributes& attributes,
                  RunFolder& folder, const char* how_to_go_on) {
  if (folder.state() == RunFolder::State::finished) {
    require_same_run(folder, pretraining_info(options, dataset, attributes));
  }
  if (!folder.notice().empty()) fmt::print("{}\n", folder.notice());
  if (folder.state() == RunFolder::State::finished) return ExitCode::done;
  Pretrainer pretrainer(options, dataset, attributes, folder);
  folder.write_config(to_toml(options));
  keep_item_map(folder, options.data, dataset);
  print_device_note(options.device_note);
  fmt::print("pre-training {} on {}: {} of {}, {}, {}, {}, {}\n", options.model, dataset.name,
             counted(pretrainer.samples(), "sample"), counted(dataset.user_count(), "user"),
             counted(dataset.max_item, "item"), counted(attributes.count - 1, "attribute"),
             counted(pretrainer.parameter_count(), "parameter"),
             device_text(options.device, options.threads));
  std::fflush(stdout);
  const ExitCode code = pretrainer.run(how_to_go_on);
  if (code != ExitCode::done) return code;
  const PretrainingResult& result = pretrainer.result();
  fmt::print("pre-trained for {}, {:.2f} s an epoch, {:.0f} s in all, at most {} MB\nsaved in {}\n",
             counted(result.epochs, "epoch"), result.seconds_per_epoch, result.seconds_total,
             result.peak_rss_bytes / 1'000'000, folder.path().string());
  return code;
}

PretrainedWeights pretrain_before(const TrainOptions& options, const Dataset& dataset,
                                  const fs::path& runs_or_here) {
  const PretrainOptions stage = options_of_stage(options);
  const Attributes attributes = load_attributes(stage.data, dataset, stage.attributes);
  const fs::path runs = runs_or_here.empty() ? "." : runs_or_here;
  for (bool told = false;; told = true) {
    const auto found = find_pretraining(stage, dataset, attributes, runs);
    if (const auto weights = found ? finished_weights(*found) : std::nullopt) {
      fmt::print("pre-trained before: {}\n", weights->string());
      return {ExitCode::done, *weights};
    }
    try {
      if (const auto here = pretrain_here(stage, dataset, attributes, found, runs)) return *here;
    } catch (const FolderInUse&) {
      if (!told) {
        fmt::print("another process is pre-training in {}: waiting for it\n", runs.string());
        std::fflush(stdout);
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    if (stop_requested() != 0) return {exit_code_of(stop_requested()), {}};
  }
}

}  // namespace cce
