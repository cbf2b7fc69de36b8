#include "tools/planned_run.h"

#include <fmt/format.h>

#include "data/catalog.h"
#include "tools/checkpoint.h"
#include "tools/durable_file.h"
#include "tools/metrics_file.h"
#include "tools/run_folder.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRemedy = "choose another folder with --out, or move that run away";

fs::path result_path(const PlannedRun& run, const fs::path& folder) {
  return folder / name(run) / file_name(RunFile::result);
}

void add_seed_and_machine(std::vector<std::string>& arguments, const PlannedRun& run) {
  const std::string seed = fmt::format("{}", run.seed);
  arguments.insert(arguments.end(), {"--seed", seed, "--threads", "1", "--device", run.device});
}

/// What a run's folder says of itself, by whichever of its weights are there; nothing where there are none.
std::optional<CheckpointInfo> saved_info(const fs::path& run) {
  const std::optional<fs::path> weights = weights_in(run);
  if (!weights) return std::nullopt;
  return checkpoint_info(read_safetensors(*weights), weights->string());
}

/// The fingerprint of a data set that is on this machine; nothing of one that would have to be downloaded.
std::optional<std::string> fingerprint_here(const std::string& data) {
  const NamedData* named = find_named_data(data);
  if (named == nullptr || !(named->built_in() || find_public_file(named->sequences))) return std::nullopt;
  return load_dataset(data).fingerprint;
}

/// The options of `Options`, TrainOptions or PretrainOptions, that decide what comes out of such a command.
template <class Options>
std::map<std::string, std::string> deciding_options(const std::vector<std::string>& arguments) {
  Options options;
  parse_options(options, {{arguments.begin() + 1, arguments.end()}, {}});
  return result_options(options);
}

/// Refuses weights in `folder` that were made by other options, or of other data (unless that is unknown).
void require_made_by(const std::map<std::string, std::string>& options, const std::string& data,
                     const std::optional<std::string>& fingerprint, const fs::path& folder) {
  const std::optional<CheckpointInfo> saved = saved_info(folder);
  if (!saved) return;
  if (const auto other = first_difference(saved->options, options)) {
    fail_usage("{}: is a run with --{} {}, not {}; {}", folder.string(), other->option, other->before,
               other->now, kRemedy);
  }
  if (fingerprint && saved->data_fingerprint != *fingerprint)
    fail_usage("{}: is a run on other data than {} is now; {}", folder.string(), data, kRemedy);
}

/// Refuses a result of more epochs than `most`: where no weights are beside it, nothing else says its
/// options.
void require_within(int64_t epochs, int most, const char* option, const fs::path& folder) {
  if (epochs > most)
    fail_usage("{}: is a run of {} epochs, more than --{} {}; {}", folder.string(), epochs, option, most,
               kRemedy);
}

}  // namespace

int most_epochs(const PlannedRun& run) {
  return run.epochs == kUnset ? kProtocolEpochs : run.epochs;
}

std::string name(const PlannedRun& run) {
  std::string text = fmt::format("{}-{}-{}-{}", run.cell.model, run.cell.loss, run.cell.data, run.seed);
  for (const auto& [option, value] : run.changes) text += fmt::format("-{}-{}", option, value);
  return text;
}

std::vector<std::string> training_arguments(const PlannedRun& run) {
  std::vector<std::string> arguments = {"train",       "--model", run.cell.model, "--loss",
                                        run.cell.loss, "--data",  run.cell.data};
  std::map<std::string, std::string> options = run.changes;
  options.emplace("epochs", fmt::format("{}", most_epochs(run)));
  if (run.cell.model == "gru4rec") options.emplace("padding", "left");
  if (run.cell.model == "s3rec" && run.epochs != kUnset)
    options.emplace("pretrain-epochs", fmt::format("{}", run.epochs));
  for (const auto& [option, value] : options) arguments.insert(arguments.end(), {"--" + option, value});
  arguments.emplace_back("--test-every-epoch");
  add_seed_and_machine(arguments, run);
  return arguments;
}

std::string pretraining_name(const PlannedRun& run) {
  return fmt::format("s3rec-pretrain-{}-{}", run.cell.data, run.seed);
}

std::vector<std::string> pretraining_arguments(const PlannedRun& run) {
  std::vector<std::string> arguments = {"pretrain", "--model", "s3rec", "--data", run.cell.data};
  if (run.epochs != kUnset)
    arguments.insert(arguments.end(), {"--pretrain-epochs", fmt::format("{}", run.epochs)});
  add_seed_and_machine(arguments, run);
  return arguments;
}

void require_unchanged(std::span<const PlannedRun> runs, const fs::path& folder) {
  std::map<std::string, std::optional<std::string>> fingerprints;  // by data set
  for (const PlannedRun& run : runs) {
    const std::string& data = run.cell.data;
    if (!fingerprints.contains(data)) fingerprints[data] = fingerprint_here(data);
    require_made_by(deciding_options<TrainOptions>(training_arguments(run)), data, fingerprints[data],
                    folder / name(run));
    if (const auto result = read_result(run, folder))
      require_within(result->epochs, most_epochs(run), "epochs", folder / name(run));
    if (run.cell.model != "s3rec") continue;
    if (const auto result = read_pretraining(run, folder); result && run.epochs != kUnset)
      require_within(result->epochs, run.epochs, "pretrain-epochs", folder / pretraining_name(run));
    require_made_by(deciding_options<PretrainOptions>(pretraining_arguments(run)), data, fingerprints[data],
                    folder / pretraining_name(run));
  }
}

bool is_finished(const PlannedRun& run, const fs::path& folder) {
  return fs::exists(result_path(run, folder));
}

std::optional<RunResult> read_result(const PlannedRun& run, const fs::path& folder) {
  const fs::path path = result_path(run, folder);
  if (!fs::exists(path)) return std::nullopt;
  const RunResult result = parse_run_result(read_file(path, most_bytes(RunFile::result)), path.string());
  require(result.model == run.cell.model && result.loss == run.cell.loss && result.data == run.cell.data &&
              result.seed == run.seed,
          "{}: is of {} {} on {} with seed {}; move that run elsewhere", path.string(), result.model,
          result.loss, result.data, result.seed);
  return result;
}

std::optional<PretrainingResult> read_pretraining(const PlannedRun& run, const fs::path& folder) {
  const fs::path path = folder / pretraining_name(run) / file_name(RunFile::result);
  if (!fs::exists(path)) return std::nullopt;
  const PretrainingResult result =
      parse_pretraining_result(read_file(path, most_bytes(RunFile::result)), path.string());
  require(result.model == run.cell.model && result.data == run.cell.data && result.seed == run.seed,
          "{}: is of {} on {} with seed {}; move that run elsewhere", path.string(), result.model,
          result.data, result.seed);
  return result;
}

std::vector<EpochRecord> read_epochs(const PlannedRun& run, const fs::path& folder) {
  return read_metrics(folder / name(run) / file_name(RunFile::metrics));
}

}  // namespace cce
