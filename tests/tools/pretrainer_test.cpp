// Pre-training: it learns, its bytes depend on nothing but its options, and fine-tuning goes on from it.
#include "tools/pretrainer.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>

#include "data/catalog.h"
#include "data/demo.h"
#include "tests/data/files.h"
#include "tests/tools/interrupted_runs.h"
#include "tests/tools/small_runs.h"
#include "tools/checksum.h"
#include "tools/pretraining_stage.h"
#include "tools/shared_pretraining.h"
#include "tools/signals.h"
#include "tools/trainer.h"

namespace cce::test {
namespace {

namespace fs = std::filesystem;
using testing::message_of;
using testing::TemporaryFolder;

const Dataset& few_users() {
  static const Dataset data = first_users("few", 60);
  return data;
}

template <class Options>
Options small(const fs::path& out) {
  Options options;
  options.model = "s3rec", options.data = "demo", options.out = out.string();
  options.embedding_size = 16, options.layers = 1, options.threads = 2, options.quiet = true;
  return options;
}

PretrainOptions pretrain_options(const fs::path& out) {
  auto options = small<PretrainOptions>(out);
  options.pretrain_epochs = 3, options.batch_size = 50;
  resolve_defaults(options);
  return options;
}

TrainOptions train_options(const fs::path& out) {
  auto options = small<TrainOptions>(out);
  options.loss = "cce", options.epochs = 1, options.pretrain_epochs = 1;
  return options;
}

/// What `action` returns, being asked to stop in that step of it (see StopInStep).
template <class Action>
auto stopped_in(std::optional<int> step, Action action) {
  const StopSignals signals;
  const StopInStep stop(step);
  return action();
}

ExitCode run(const PretrainOptions& options, std::optional<int> stop_in_step = {}) {
  return stopped_in(stop_in_step, [&] {
    RunFolder folder(pretraining_folder(options, few_users()));
    return pretrain(options, few_users(), load_attributes(options.data, few_users(), options.attributes),
                    folder);
  });
}

PretrainedWeights weights_for(const TrainOptions& options, const TemporaryFolder& runs,
                              std::optional<int> stop_in_step = {}) {
  return stopped_in(stop_in_step, [&] { return pretrain_before(options, few_users(), runs.path() / "run"); });
}

std::vector<nlohmann::json> metrics_of(const fs::path& run) {
  std::vector<nlohmann::json> lines;
  std::istringstream text(bytes(run / "metrics.jsonl"));
  for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

void check_same_pretraining(const fs::path& a, const fs::path& b) {
  CHECK(bytes(a / "last.safetensors") == bytes(b / "last.safetensors"));
  const auto of_a = metrics_of(a), of_b = metrics_of(b);
  REQUIRE(of_a.size() == of_b.size());
  for (size_t i = 0; i < of_a.size(); ++i) {
    CHECK(of_a[i]["epoch"] == of_b[i]["epoch"]);
    CHECK(of_a[i]["loss"] == of_b[i]["loss"]);
    CHECK(of_a[i]["objectives"] == of_b[i]["objectives"]);
  }
}

}  // namespace

TEST_CASE("pre-training lowers every objective") {
  const TemporaryFolder folder;
  PretrainOptions options = pretrain_options(folder / "run");
  options.dropout = 0, options.attention_dropout = 0, options.batch_size = 20, options.pretrain_epochs = 40;
  CHECK(run(options) == ExitCode::done);
  const auto metrics = metrics_of(options.out);
  REQUIRE(metrics.size() == 40);
  CHECK(metrics.back()["loss"] < metrics.front()["loss"]);
  for (const char* const objective : kObjectiveNames) {
    CAPTURE(objective);
    const auto mean_of_five = [&](size_t first) {
      double total = 0;
      for (size_t i = first; i < first + 5; ++i) total += metrics[i]["objectives"][objective].get<double>();
      return total / 5;
    };
    CHECK(mean_of_five(35) < 0.99 * mean_of_five(0));
  }
  const auto result = nlohmann::json::parse(bytes(folder / "run/result.json"));
  CHECK(result["stage"] == "pretrain");
  CHECK(result["epochs"] == 40);
  CHECK(result["samples"] == pretraining_samples(few_users(), 50).size());
}

TEST_CASE("pre-training gives the same bytes with any number of threads") {
  const TemporaryFolder folder;
  PretrainOptions one = pretrain_options(folder / "1");
  one.threads = 1;
  CHECK(run(one) == ExitCode::done);
  for (const int threads : {2, 5}) {
    PretrainOptions more = pretrain_options(folder / std::to_string(threads));
    more.threads = threads;
    CHECK(run(more) == ExitCode::done);
    check_same_pretraining(one.out, more.out);
  }
}

TEST_CASE("a pre-training that is stopped again and again ends with the bytes of one that was not") {
  const TemporaryFolder folder;
  const PretrainOptions whole = pretrain_options(folder / "whole");
  CHECK(run(whole) == ExitCode::done);
  PretrainOptions stopped = pretrain_options(folder / "stopped");
  stopped.resume = true;
  for (const auto& [step, place] : {std::pair(0, 0), {5, 5}, {16, 2}}) {  // an epoch has 19 steps
    CHECK(run(stopped, step) == ExitCode::terminated);
    CHECK(step_in_epoch(stopped.out) == place);
  }
  CHECK(run(stopped) == ExitCode::done);
  check_same_pretraining(whole.out, stopped.out);
}

TEST_CASE("fine-tuning begins with the weights that --init names") {
  const TemporaryFolder folder;
  const PretrainOptions first = pretrain_options(folder / "pretrained");
  CHECK(run(first) == ExitCode::done);
  // A learning rate of 0 leaves the weights as they were.
  TrainOptions options = train_options(folder / "tuned");
  options.init = first.out, options.pretrain_epochs = 0, options.lr = 0;
  resolve_defaults(options);
  RunFolder tuned({.out = options.out});
  Trainer trainer(options, few_users(), tuned);
  CHECK(stopped_in({}, [&] { return trainer.run(); }) == ExitCode::done);
  const TensorFile before = read_safetensors(folder / "pretrained/last.safetensors");
  const TensorFile after = read_safetensors(folder / "tuned/last.safetensors");
  REQUIRE(before.tensors.size() == after.tensors.size());
  for (const auto& [name, tensor] : before.tensors) {
    REQUIRE(after.find(name) != nullptr);
    CHECK(std::ranges::equal(tensor.span<float>(), after.find(name)->span<float>()));
  }
}

TEST_CASE("weights of another model or of other sizes are no beginning, and what is too much is left") {
  const TemporaryFolder folder;
  const PretrainOptions first = pretrain_options(folder / "pretrained");
  CHECK(run(first) == ExitCode::done);
  const auto begin = [&](const std::string& model, int embedding_size) {
    TrainOptions options = train_options(folder / model);
    options.model = model, options.embedding_size = embedding_size, options.init = first.out,
    options.pretrain_epochs = 0;
    if (model == "gru4rec") options.layers = kUnset;
    resolve_defaults(options);
    RunFolder tuned({.out = options.out});
    Trainer(options, few_users(), tuned);
  };
  CHECK(message_of([&] { begin("gru4rec", 16); }).find("gru_layers.weight_ih_l0") != std::string::npos);
  CHECK(message_of([&] { begin("s3rec", 8); }).find("the model expects shape") != std::string::npos);
  CHECK_NOTHROW(begin("sasrec", 16));
}

TEST_CASE("training pre-trains first, once for all that begin with the same pre-training") {
  const TemporaryFolder folder;
  TrainOptions options = train_options(folder / "run");
  resolve_defaults(options);
  const PretrainedWeights first = weights_for(options, folder);
  CHECK(first.code == ExitCode::done);
  CHECK(first.checkpoint == folder.path() / "s3rec-pretrain-few-42" / "last.safetensors");
  const auto written = fs::last_write_time(first.checkpoint);

  TrainOptions other_loss = options;
  other_loss.loss = "bce", other_loss.lr = 1e-4, other_loss.batch_size = 64;
  CHECK(weights_for(other_loss, folder).checkpoint == first.checkpoint);
  CHECK(fs::last_write_time(first.checkpoint) == written);

  TrainOptions longer = options;
  longer.pretrain_epochs = 2;
  const PretrainedWeights second = weights_for(longer, folder);
  CHECK(second.checkpoint == folder.path() / "s3rec-pretrain-few-42-2" / "last.safetensors");
  CHECK(fs::last_write_time(first.checkpoint) == written);
}

TEST_CASE("a pre-training that was interrupted before fine-tuning goes on, and need not be asked to") {
  const TemporaryFolder folder;
  TrainOptions options = train_options(folder / "run");
  resolve_defaults(options);
  CHECK(weights_for(options, folder, 0).code == ExitCode::terminated);
  const PretrainedWeights weights = weights_for(options, folder);
  CHECK(weights.code == ExitCode::done);
  CHECK(weights.checkpoint == folder.path() / "s3rec-pretrain-few-42" / "last.safetensors");
}

TEST_CASE("trainings that begin together share one pre-training") {
  for (int round = 0; round < 5; ++round) {
    const TemporaryFolder folder;
    const std::vector<std::string> losses = {"bce", "ce", "cce", "bpr"};
    const StopSignals signals;  // forgets one that came before
    std::vector<fs::path> checkpoints(losses.size());
    std::vector<std::jthread> trainings;
    for (size_t i = 0; i < losses.size(); ++i) {
      trainings.emplace_back([&, i] {
        TrainOptions options = train_options(folder / losses[i]);
        options.loss = losses[i];
        resolve_defaults(options);
        try {
          checkpoints[i] = pretrain_before(options, few_users(), folder.path() / losses[i]).checkpoint;
        } catch (const Error& error) {
          checkpoints[i] = error.what();
        }
      });
    }
    trainings.clear();  // waits for all
    for (const fs::path& checkpoint : checkpoints)
      CHECK(checkpoint == folder.path() / "s3rec-pretrain-few-42" / "last.safetensors");
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
  }
}

TEST_CASE("a training whose own folder is called as a pre-training's does not wait for itself") {
  const TemporaryFolder folder;
  TrainOptions options = train_options(folder / "s3rec-pretrain-few-42");
  resolve_defaults(options);
  fs::create_directory(options.out);
  const FolderLock own(options.out);
  const PretrainedWeights weights = pretrain_before(options, few_users(), options.out);
  CHECK(weights.checkpoint == folder.path() / "s3rec-pretrain-few-42-2" / "last.safetensors");
}

TEST_CASE("of two pre-trainings of a kind the one that is finished is taken") {
  const TemporaryFolder folder;
  TrainOptions options = train_options(folder / "run");
  resolve_defaults(options);
  REQUIRE(weights_for(options, folder, 0).code == ExitCode::terminated);
  fs::rename(folder.path() / "s3rec-pretrain-few-42", folder.path() / "aside");
  REQUIRE(weights_for(options, folder).code == ExitCode::done);
  fs::rename(folder.path() / "s3rec-pretrain-few-42", folder.path() / "s3rec-pretrain-few-42-2");
  fs::rename(folder.path() / "aside", folder.path() / "s3rec-pretrain-few-42");
  CHECK(weights_for(options, folder).checkpoint ==
        folder.path() / "s3rec-pretrain-few-42-2" / "last.safetensors");
}

TEST_CASE("a folder in which a pre-training was killed before its first epoch is used again") {
  const TemporaryFolder folder;
  TrainOptions options = train_options(folder / "run");
  resolve_defaults(options);
  fs::create_directory(folder.path() / "s3rec-pretrain-few-42");
  folder.write("s3rec-pretrain-few-42/config.toml", "");
  options.tensorboard = true;
  const PretrainedWeights weights = weights_for(options, folder);
  CHECK(weights.code == ExitCode::done);
  CHECK(weights.checkpoint == folder.path() / "s3rec-pretrain-few-42" / "last.safetensors");
  CHECK(fs::exists(folder.path() / "s3rec-pretrain-few-42" / "events.out.tfevents.cce_rec"));
}

TEST_CASE("a pre-training that was interrupted and then damaged is passed over before fine-tuning") {
  const TemporaryFolder folder;
  TrainOptions options = train_options(folder / "run");
  resolve_defaults(options);
  CHECK(weights_for(options, folder, 0).code == ExitCode::terminated);
  const std::string file = "s3rec-pretrain-few-42/resume.safetensors";
  std::string damaged = bytes(folder / file);
  damaged.back() ^= 1;
  folder.write(file, damaged);
  for (int time = 0; time < 2; ++time) {  // made the first time, found the second
    const PretrainedWeights weights = weights_for(options, folder);
    CHECK(weights.code == ExitCode::done);
    CHECK(weights.checkpoint == folder.path() / "s3rec-pretrain-few-42-2" / "last.safetensors");
  }
  CHECK(bytes(folder / file) == damaged);
}

TEST_CASE("how long is pre-trained depends on model, data and --init") {
  const auto resolved = [](const std::string& model, const std::string& data, const std::string& init,
                           int epochs) {
    TrainOptions options;
    options.model = model, options.loss = "cce", options.data = data, options.init = init,
    options.pretrain_epochs = epochs;
    resolve_defaults(options);
    return options.pretrain_epochs;
  };
  CHECK(resolved("s3rec", "toys", "", kUnset) == 150);
  CHECK(resolved("s3rec", "sports", "", kUnset) == 100);
  CHECK(resolved("s3rec", "yelp", "", kUnset) == 100);
  CHECK(resolved("s3rec", "toys", "", 7) == 7);
  CHECK(resolved("s3rec", "toys", "runs/x", kUnset) == 0);
  CHECK(resolved("sasrec", "toys", "", kUnset) == 0);
  CHECK(message_of([&] { resolved("sasrec", "toys", "", 7); }, ExitCode::usage) ==
        "--pretrain-epochs: sasrec is not pre-trained");
  CHECK(message_of([&] { resolved("s3rec", "toys", "runs/x", 7); }, ExitCode::usage)
            .find("--init takes the place of pre-training") != std::string::npos);
  PretrainOptions none = pretrain_options("");
  none.pretrain_epochs = 0;
  CHECK(message_of([&] { resolve_defaults(none); }, ExitCode::usage).starts_with("--pretrain-epochs 0"));
}

TEST_CASE("a resumed pre-training has the options it began with") {
  const TemporaryFolder folder;
  PretrainOptions options = pretrain_options(folder / "run");
  CHECK(run(options, 0) == ExitCode::terminated);
  options.resume = true, options.mask_probability = 0.3;
  CHECK(message_of([&] { run(options); }, ExitCode::usage).find("has --mask-probability 0.2, not 0.3") !=
        std::string::npos);
}

TEST_CASE("a pre-training does not go on from a run whose loss has no objectives") {
  const TemporaryFolder folder;
  PretrainOptions options = pretrain_options(folder / "run");
  CHECK(run(options, 0) == ExitCode::terminated);
  const std::string path = folder / "run/resume.safetensors";
  TensorFile file = read_safetensors(path);
  file.metadata["state.part_sums"] = "";
  write_safetensors(path, with_checksum(file));
  options.resume = true;
  CHECK(message_of([&] { run(options); }) == path + ": no pre-training; start anew with --overwrite");
}

TEST_CASE("a pre-training goes on, and is taken for fine-tuning, only with the attributes it began with") {
  const TemporaryFolder folder;
  TrainOptions fine_tuning = train_options(folder / "run");
  resolve_defaults(fine_tuning);
  CHECK(weights_for(fine_tuning, folder).code == ExitCode::done);
  fine_tuning.attributes = folder.write("other.json", R"({"1": [3, 1], "2": [2]})");
  CHECK(weights_for(fine_tuning, folder).checkpoint ==
        folder.path() / "s3rec-pretrain-few-42-2" / "last.safetensors");

  const CheckpointInfo info = training_info(fine_tuning, few_users());
  fine_tuning.attributes.clear();
  CHECK(training_info(fine_tuning, few_users()).attributes_fingerprint != info.attributes_fingerprint);
  fine_tuning.attributes = folder / "other.json";

  for (const bool finished : {false, true}) {
    PretrainOptions options = pretrain_options(folder / (finished ? "finished" : "stopped"));
    run(options, finished ? std::nullopt : std::optional(0));
    options.resume = true, options.attributes = fine_tuning.attributes;
    CHECK(message_of([&] { run(options); }, ExitCode::usage).find("other attributes") != std::string::npos);
  }
}

}  // namespace cce::test
