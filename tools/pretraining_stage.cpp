#include "tools/pretraining_stage.h"

#include <fmt/core.h>

#include <optional>

#include "data/catalog.h"
#include "tools/checksum.h"
#include "tools/chosen_device.h"
#include "tools/counted.h"
#include "tools/item_map_file.h"
#include "tools/pretrainer.h"
#include "tools/run_replacement.h"

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

/// The pre-training in `runs` that these options would make.
std::optional<fs::path> find_pretraining(const PretrainOptions& options, const Dataset& dataset,
                                         const Attributes& attributes, const fs::path& runs) {
  const CheckpointInfo expected = pretraining_info(options, dataset, attributes);
  std::error_code none;  // no such folder yet: no runs
  for (const auto& entry : fs::directory_iterator(runs, none)) {
    if (is_named(entry.path(), default_name(options, dataset)) && holds(entry.path(), expected))
      return entry.path();
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

/// Whether a pre-training was killed in the folder before its first epoch was saved: nothing in it is to be
/// kept, and nobody is at work there.
bool holds_nothing(const fs::path& folder) {
  for (const RunFile file : {RunFile::metrics, RunFile::last, RunFile::resume, RunFile::result}) {
    if (fs::exists(folder / file_name(file))) return false;
  }
  if (!fs::is_empty(folder) && !fs::exists(folder / file_name(RunFile::config))) return false;
  try {
    const FolderLock free(folder);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// A folder for the pre-training that a killed one left, so that they do not pile up.
std::optional<fs::path> find_left_folder(const std::string& name, const fs::path& runs) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(runs, none)) {
    if (is_named(entry.path(), name) && entry.is_directory() && holds_nothing(entry.path()))
      return entry.path();
  }
  return std::nullopt;
}

RunFolder folder_of_stage(const PretrainOptions& options, const Dataset& dataset,
                          const std::optional<fs::path>& found, const fs::path& runs) {
  if (found) return RunFolder({.out = *found, .resume = true, .tensorboard = options.tensorboard});
  const std::string name = default_name(options, dataset);
  if (const auto left = find_left_folder(name, runs)) {
    return RunFolder({.out = *left, .resume = true, .tensorboard = options.tensorboard});
  }
  return RunFolder({.default_name = name, .runs = runs, .tensorboard = options.tensorboard});
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
                  RunFolder& folder) {
  if (folder.state() == RunFolder::State::finished) {
    require_same_run(folder, pretraining_info(options, dataset, attributes));
  }
  if (!folder.notice().empty()) fmt::print("{}\n", folder.notice());
  if (folder.state() == RunFolder::State::finished) return ExitCode::done;
  Pretrainer pretrainer(options, dataset, attributes, folder);
  if (folder.state() == RunFolder::State::anew) folder.write_config(to_toml(options));
  keep_item_map(folder, options.data, dataset);
  print_device_note(options.device_note);
  fmt::print("pre-training {} on {}: {} of {}, {}, {}, {}, {}\n", options.model, dataset.name,
             counted(pretrainer.samples(), "sample"), counted(dataset.user_count(), "user"),
             counted(dataset.max_item, "item"), counted(attributes.count - 1, "attribute"),
             counted(pretrainer.parameter_count(), "parameter"),
             device_text(options.device, options.threads));
  std::fflush(stdout);
  const ExitCode code = pretrainer.run();
  if (code != ExitCode::done) return code;
  const PretrainingResult& result = pretrainer.result();
  fmt::print("pre-trained for {}, {:.2f} s an epoch, {:.0f} s in all, at most {} MB\nsaved in {}\n",
             counted(result.epochs, "epoch"), result.seconds_per_epoch, result.seconds_total,
             result.peak_rss_bytes / 1'000'000, folder.path().string());
  return code;
}

PretrainedWeights pretrain_before(const TrainOptions& options, const Dataset& dataset,
                                  const fs::path& beside) {
  const PretrainOptions stage = options_of_stage(options);
  const Attributes attributes = load_attributes(stage.data, dataset, stage.attributes);
  const fs::path runs = beside.empty() ? "." : beside;
  const auto found = find_pretraining(stage, dataset, attributes, runs);
  if (found) {
    if (const auto weights = finished_weights(*found)) {
      fmt::print("pre-trained before: {}\n", weights->string());
      return {ExitCode::done, *weights};
    }
  }
  RunFolder folder = folder_of_stage(stage, dataset, found, runs);
  const ExitCode code = pretrain(stage, dataset, attributes, folder);
  if (code != ExitCode::done) return {code, {}};
  return {code, folder.path() / file_name(RunFile::last)};
}

}  // namespace cce
