#include "tools/planned_run.h"

#include <fmt/format.h>

#include "tools/checkpoint.h"
#include "tools/durable_file.h"
#include "tools/run_folder.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

fs::path result_path(const PlannedRun& run, const fs::path& folder) {
  return folder / name(run) / file_name(RunFile::result);
}

void add_machine(std::vector<std::string>& arguments, uint64_t seed) {
  for (const std::string& word : {std::string("--seed"), fmt::format("{}", seed), std::string("--threads"),
                                  std::string("1"), std::string("--device"), std::string("cpu")}) {
    arguments.push_back(word);
  }
}

/// What a run's folder says of itself, by whichever of its weights are there; nothing where there are none.
std::optional<CheckpointInfo> saved_info(const fs::path& run) {
  for (const RunFile file : {RunFile::best, RunFile::last, RunFile::resume}) {
    const std::string path = (run / file_name(file)).string();
    if (fs::exists(path)) return checkpoint_info(read_safetensors(path), path);
  }
  return std::nullopt;
}

}  // namespace

std::string name(const PlannedRun& run) {
  std::string text = fmt::format("{}-{}-{}-{}", run.cell.model, run.cell.loss, run.cell.data, run.seed);
  for (const auto& [option, value] : run.changes) text += fmt::format("-{}-{}", option, value);
  return text;
}

std::vector<std::string> training_arguments(const PlannedRun& run) {
  std::vector<std::string> arguments = {"train",       "--model", run.cell.model, "--loss",
                                        run.cell.loss, "--data",  run.cell.data};
  std::map<std::string, std::string> options = run.changes;
  options.emplace("epochs", fmt::format("{}", run.epochs == kUnset ? kProtocolEpochs : run.epochs));
  if (run.cell.model == "gru4rec") options.emplace("padding", "left");
  if (run.cell.model == "s3rec" && run.epochs != kUnset)
    options.emplace("pretrain-epochs", fmt::format("{}", run.epochs));
  for (const auto& [option, value] : options) arguments.insert(arguments.end(), {"--" + option, value});
  arguments.emplace_back("--test-every-epoch");
  add_machine(arguments, run.seed);
  return arguments;
}

std::string pretraining_name(const PlannedRun& run) {
  return fmt::format("s3rec-pretrain-{}-{}", run.cell.data, run.seed);
}

std::vector<std::string> pretraining_arguments(const PlannedRun& run) {
  std::vector<std::string> arguments = {"pretrain", "--model", "s3rec", "--data", run.cell.data};
  if (run.epochs != kUnset)
    arguments.insert(arguments.end(), {"--pretrain-epochs", fmt::format("{}", run.epochs)});
  add_machine(arguments, run.seed);
  return arguments;
}

void require_unchanged(const PlannedRun& run, const fs::path& folder) {
  const std::string path = (folder / name(run)).string();
  const std::optional<CheckpointInfo> saved = saved_info(path);
  if (!saved) return;
  TrainOptions options;
  const std::vector<std::string> arguments = training_arguments(run);
  parse_options(options, {{arguments.begin() + 1, arguments.end()}, {}});
  for (const auto& [option, value] : result_options(options)) {
    const auto entry = saved->options.find(option);
    const std::string before = entry == saved->options.end() ? "(nothing)" : entry->second;
    if (before == value) continue;
    fail_usage("{}: is a run with --{} {}, not {}; choose another folder with --out, or move that run away",
               path, option, before, value);
  }
}

bool is_finished(const PlannedRun& run, const fs::path& folder) {
  return fs::exists(result_path(run, folder));
}

std::optional<RunResult> read_result(const PlannedRun& run, const fs::path& folder) {
  const fs::path path = result_path(run, folder);
  if (!fs::exists(path)) return std::nullopt;
  const RunResult result = parse_run_result(read_file(path, uint64_t{1} << 20), path.string());
  require(result.model == run.cell.model && result.loss == run.cell.loss && result.data == run.cell.data &&
              result.seed == run.seed,
          "{}: is of {} {} on {} with seed {}; move that run elsewhere", path.string(), result.model,
          result.loss, result.data, result.seed);
  return result;
}

std::vector<EpochRecord> read_epochs(const PlannedRun& run, const fs::path& folder) {
  return read_metrics(folder / name(run) / file_name(RunFile::metrics));
}

}  // namespace cce
