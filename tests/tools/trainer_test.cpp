// The promises of training: the same bytes for any number of threads, and after any number of interruptions.
#include <doctest/doctest.h>

#include <cerrno>
#include <cmath>
#include <csignal>
#include <filesystem>

#include "models/model_table.h"
#include "tests/data/files.h"
#include "tests/tools/faults.h"
#include "tests/tools/interrupted_runs.h"
#include "tests/tools/small_runs.h"
#include "tools/checksum.h"
#include "tools/loaded_model.h"
#include "tools/metrics_file.h"
#include "tools/trainer.h"

namespace cce::test {
namespace fs = std::filesystem;

TEST_CASE("training gives the same bytes with 1, 2, 3 and 8 threads") {
  const testing::TemporaryFolder folder;
  for (const char* model : {"gru4rec", "sasrec"}) {
    TrainOptions options = small_options(model, "cce", folder / (std::string(model) + "-1"));
    options.threads = 1;
    CHECK(train(options) == ExitCode::done);
    for (const int threads : {2, 3, 8}) {
      TrainOptions more =
          small_options(model, "cce", folder / (std::string(model) + "-" + std::to_string(threads)));
      more.threads = threads;
      CHECK(train(more) == ExitCode::done);
      check_same_run(options.out, more.out);
    }
  }
}

TEST_CASE("a run that is stopped again and again ends with the bytes of one that was not") {
  const testing::TemporaryFolder folder;
  const std::pair<const char*, const char*> runs[] = {
      {"gru4rec", "cce"}, {"gru4rec", "bce"}, {"sasrec", "ce"}, {"bert4rec", "mlm"}};
  for (const auto& [model, loss] : runs) {
    const std::string name = std::string(model) + "-" + loss;
    const TrainOptions whole = small_options(model, loss, folder / name);
    CHECK(train(whole) == ExitCode::done);
    const TrainOptions stopped = small_options(model, loss, folder / (name + "-stopped"));
    CHECK(train_with_stops(stopped) > 2);
    check_same_run(whole.out, stopped.out);
  }
}

TEST_CASE("a run that is killed at random moments can be resumed and ends with the same bytes") {
  const testing::TemporaryFolder folder;
  for (const char* model : {"gru4rec", "sasrec", "s3rec", "bert4rec"}) {
    CAPTURE(std::string(model));
    const char* loss = model_named(model).bidirectional ? "mlm" : "cce";
    TrainOptions whole = small_options(model, loss, folder / (std::string(model) + "-whole"));
    TrainOptions killed = small_options(model, loss, folder / (std::string(model) + "-killed"));
    whole.pretrain_epochs = 0, killed.pretrain_epochs = 0;
    CHECK(train(whole) == ExitCode::done);
    CHECK(train_with_kills(killed) > 0);
    check_same_run(whole.out, killed.out);
  }
}

TEST_CASE("a run that is killed at any step of its writes can be resumed and ends with the same bytes") {
  const testing::TemporaryFolder folder;
  const auto options_in = [&](const std::string& out) {
    TrainOptions options = small_options("gru4rec", "cce", folder / out);
    options.epochs = 2, options.batch_size = 400, options.embedding_size = 8, options.hidden_size = 8;
    options.threads = 1;
    return options;
  };
  const TrainOptions whole = options_in("whole");
  CHECK(train(whole) == ExitCode::done);
  int step = 0;
  for (bool killed = true; killed; ++step) {
    CAPTURE(step);
    TrainOptions options = options_in("killed");
    fs::remove_all(options.out);
    killed = testing::killed_at(step, [&] { train(options); });
    options.resume = true;
    CHECK(train(options) == ExitCode::done);
    check_same_run(whole.out, options.out);
  }
  CHECK(step > 60);
}

TEST_CASE("a disk that fails at any step of a run's writes is named, and the run can be resumed after that") {
  const testing::TemporaryFolder folder;
  TrainOptions whole = small_options("gru4rec", "cce", folder / "whole");
  whole.epochs = 1, whole.batch_size = 400, whole.embedding_size = 8, whole.hidden_size = 8,
  whole.threads = 1;
  CHECK(train(whole) == ExitCode::done);
  int step = 0;
  for (bool failed = true; failed; ++step) {
    CAPTURE(step);
    TrainOptions options = whole;
    options.out = folder / "failed";
    fs::remove_all(options.out);
    {
      const testing::FailingStep failing(step, ENOSPC);
      try {
        train(options);
      } catch (const Error& error) {
        CHECK(std::string(error.what()).starts_with(folder.path().string()));
        CHECK(std::string(error.what()).ends_with("No space left on device"));
      }
      failed = failing.reached();
    }
    options.resume = true;
    CHECK(train(options) == ExitCode::done);
    check_same_run(whole.out, options.out);
  }
  CHECK(step > 40);
}

TEST_CASE("a run that is stopped in its last rankings keeps all there is, and ends with the same bytes") {
  const testing::TemporaryFolder folder;
  const TrainOptions whole = small_options("gru4rec", "cce", folder / "whole");
  CHECK(train(whole) == ExitCode::done);
  TrainOptions stopped = small_options("gru4rec", "cce", folder / "stopped");
  {
    const FaultInjection signal([&](FileStep step, const fs::path& path) {
      // The third commit is that of the last epoch.
      static int commits = 0;
      if (step == FileStep::rename && path.filename() == "resume.safetensors" && ++commits == 3)
        raise(SIGTERM);
      return 0;
    });
    CHECK(train(stopped) == ExitCode::terminated);
  }
  CHECK_FALSE(fs::exists(folder / "stopped/result.json"));
  stopped.resume = true;
  CHECK(train(stopped) == ExitCode::done);
  check_same_run(whole.out, stopped.out);
}

TEST_CASE("a finished run is not trained again") {
  const testing::TemporaryFolder folder;
  TrainOptions options = small_options("gru4rec", "ce", folder / "run");
  options.epochs = 1;
  CHECK(train(options) == ExitCode::done);
  const auto written = fs::last_write_time(folder / "run/best.safetensors");
  options.resume = true;
  CHECK(train(options) == ExitCode::done);
  CHECK(fs::last_write_time(folder / "run/best.safetensors") == written);
}

TEST_CASE("a finished run is not taken for one with other options") {
  const testing::TemporaryFolder folder;
  TrainOptions options = small_options("gru4rec", "ce", folder / "run");
  options.epochs = 1;
  CHECK(train(options) == ExitCode::done);
  const RunFolder run({.out = options.out, .resume = true});
  REQUIRE(run.state() == RunFolder::State::finished);
  CHECK_NOTHROW(require_same_run(run, training_info(options, small_data())));
  options.epochs = 2;
  CHECK(testing::message_of([&] { require_same_run(run, training_info(options, small_data())); },
                            ExitCode::usage)
            .find("has --epochs 1, not 2") != std::string::npos);
}

TEST_CASE("a place in the run that does not exist is refused") {
  const testing::TemporaryFolder folder;
  TrainOptions options = small_options("gru4rec", "cce", folder / "run");
  CHECK(train(options, 0) == ExitCode::terminated);
  const std::string path = folder / "run/resume.safetensors";
  TensorFile file = read_safetensors(path);
  file.metadata["state.step_in_epoch"] = "8";  // after 7 only the evaluation is left
  write_safetensors(path, with_checksum(file));
  options.resume = true;
  CHECK(testing::message_of([&] { train(options); }) ==
        path + ": it is in epoch 1 after step 8, but an epoch has 7 steps");
  file.metadata["state.epoch"] = "9000000000000000000";
  write_safetensors(path, with_checksum(file));
  CHECK(testing::message_of([&] { train(options); }).find("do not fit together") != std::string::npos);
}

TEST_CASE("a file that is not this run's is not gone on from, and the message says why") {
  const testing::TemporaryFolder folder;
  TrainOptions options = small_options("gru4rec", "cce", folder / "run");
  CHECK(train(options, 0) == ExitCode::terminated);
  options.resume = true;
  const std::string path = folder / "run/resume.safetensors";
  const TensorFile saved = read_safetensors(path);
  const auto refusal = [&](const char* key, const std::optional<std::string>& value,
                           ExitCode code = ExitCode::failed) {
    TensorFile file = saved;
    file.metadata.erase(key);
    if (value) file.metadata[key] = *value;
    write_safetensors(path, with_checksum(file));
    const std::string message = testing::message_of([&] { train(options); }, code);
    REQUIRE(message.starts_with(path + ": "));
    return message.substr(path.size() + 2);
  };
  for (const std::string key : {"state.epoch", "state.step_in_epoch", "state.loss_sum", "state.loss_rows",
                                "state.part_sums", "state.seconds_in_epoch", "state.best_epoch",
                                "state.best_metric", "state.seconds_total", "state.seconds_per_epoch"}) {
    CHECK(refusal(key.c_str(), std::nullopt) ==
          "no \"" + key + "\" in the metadata; this file cannot be resumed from");
    CHECK(refusal(key.c_str(), "x") == key + " is \"x\", which is no number");
  }
  CHECK(refusal("state.epoch", "2") == "epoch 2 without a best one before it");
  CHECK(refusal("format_version", std::nullopt) == "no run of this program; start anew with --overwrite");
  CHECK(refusal("model", "sasrec", ExitCode::usage) == "the run to resume trains sasrec, not gru4rec");
  CHECK(refusal("data", "0", ExitCode::usage) ==
        "the run to resume was trained on other data; give the same --data, or start anew with --overwrite");
}

TEST_CASE("a run goes on only with the options it began with") {
  const testing::TemporaryFolder folder;
  TrainOptions options = small_options("gru4rec", "cce", folder / "run");
  CHECK(train(options, 0) == ExitCode::terminated);
  options.resume = true;
  options.lr = 0.5;
  const std::string path = folder / "run/resume.safetensors";
  CHECK(testing::message_of([&] { train(options); }, ExitCode::usage) ==
        path + ": the run to resume has --lr 0.001, not 0.5; give the same, or start anew with --overwrite");
}

TEST_CASE("a run goes on only with the weights that --init gave it, wherever they are by then") {
  const testing::TemporaryFolder folder;
  const TrainOptions first = small_options("gru4rec", "cce", folder / "first");
  CHECK(train(first) == ExitCode::done);
  TrainOptions options = small_options("gru4rec", "cce", folder / "run");
  options.init = first.out;
  CHECK(train(options, 0) == ExitCode::terminated);
  CHECK(read_safetensors(folder / "run/resume.safetensors").metadata.at("init") ==
        checksum(read_safetensors(folder / "first/best.safetensors")));
  options.resume = true;
  for (const std::string& other : {std::string(), folder / "run/resume.safetensors"}) {
    options.init = other;
    CHECK(testing::message_of([&] { train(options); }, ExitCode::usage) ==
          (folder / "run/resume.safetensors") +
              ": the run to resume began with other weights; give the same --init, or start anew with "
              "--overwrite");
  }
  fs::copy_file(folder / "first/best.safetensors", folder / "moved.safetensors");
  options.init = folder / "moved.safetensors";
  CHECK(train(options) == ExitCode::done);
}

TEST_CASE("training that diverges stops at that step, says what did, and keeps what was saved") {
  const testing::TemporaryFolder folder;
  TrainOptions options = small_options("gru4rec", "cce", folder / "run");
  CHECK(train(options) == ExitCode::done);
  const std::string best = bytes(folder / "run/best.safetensors");
  options.overwrite = true;
  // The first step makes the weights infinite, or so large that what is computed from them overflows.
  for (const auto& [lr, culprit] : {std::pair(1e39, "the first bad tensor is item_embeddings.weight"),
                                    {1e30, "no weight is: the activations overflowed"}}) {
    options.lr = lr;
    CHECK(
        testing::message_of([&] { train(options); }) ==
        fmt::format("the loss is nan in epoch 1, step 2 ({}); lower --lr or set --clip-norm. What was saved "
                    "before stays in {}",
                    culprit, options.out));
    CHECK(bytes(folder / "run/best.safetensors") == best);
  }
}

TEST_CASE("weights that the last step of an epoch ruined never become the best, nor what is resumed from") {
  const testing::TemporaryFolder folder;
  TrainOptions options = small_options("gru4rec", "cce", folder / "run");
  CHECK(train(options) == ExitCode::done);
  const std::string best = bytes(folder / "run/best.safetensors");
  const std::string resume = bytes(folder / "run/resume.safetensors");
  options.batch_size = 1000;                    // one step is an epoch: its loss is fine,
  options.lr = 1e39, options.overwrite = true;  // and its update infinite
  CHECK(testing::message_of([&] { train(options); }) ==
        "after epoch 1, step 1, numbers of item_embeddings.weight are not finite; lower --lr or set "
        "--clip-norm. "
        "What was saved before stays in " +
            options.out);
  CHECK(bytes(folder / "run/best.safetensors") == best);
  CHECK(bytes(folder / "run/resume.safetensors") == resume);
}

TEST_CASE("training ten times gives the same bytes ten times") {
  const testing::TemporaryFolder folder;
  TrainOptions first = small_options("sasrec", "bce", folder / "0");
  CHECK(train(first) == ExitCode::done);
  for (int i = 1; i < 10; ++i) {
    const TrainOptions again = small_options("sasrec", "bce", folder / std::to_string(i));
    CHECK(train(again) == ExitCode::done);
    check_same_run(first.out, again.out);
  }
}

TEST_CASE("training lowers the loss of BERT4Rec, of either GRU of the paper, and with warm-up") {
  const testing::TemporaryFolder folder;
  TrainOptions bert4rec = small_options("bert4rec", "mlm", folder / "bert4rec");
  TrainOptions bpr_max = small_options("bert4rec", "bpr-max", "masked", folder / "bpr-max");
  TrainOptions left = small_options("gru4rec", "cce", folder / "left");
  left.padding = "left";
  TrainOptions before = small_options("gru4rec", "cce", folder / "before");
  before.reset_gate = "before";
  TrainOptions warmup = small_options("sasrec", "cce", folder / "warmup");
  warmup.warmup = 5, warmup.optimizer = "adamw", warmup.weight_decay = 0.01, warmup.clip_norm = 5;
  for (TrainOptions options : {bert4rec, bpr_max, left, before, warmup}) {
    options.lr = 0.01;
    CAPTURE(options.out);
    CHECK(train(options) == ExitCode::done);
    const auto records = read_metrics(fs::path(options.out) / "metrics.jsonl");
    CHECK(records.back().loss < records.front().loss);
  }
}

TEST_CASE("a checkpoint says how its model is to be asked: with padding, and with a hidden item at the end") {
  const testing::TemporaryFolder folder;
  TrainOptions left = small_options("gru4rec", "cce", folder / "left");
  left.padding = "left", left.reset_gate = "before";
  for (const TrainOptions& options : {left, small_options("bert4rec", "mlm", folder / "bert4rec")}) {
    CHECK(train(options) == ExitCode::done);
    const LoadedModel loaded = load_model({.checkpoint = options.out}, small_data());
    Parallel parallel(2);
    const Evaluation again =
        evaluate(parallel, *loaded.model, small_data(), Split::test, loaded.max_length, {}, loaded.blank);
    CHECK(again.metrics ==
          parse_run_result(bytes(fs::path(options.out) / "result.json"), "result.json").test);
  }
}

TEST_CASE("a warm-up that is longer than the training is refused") {
  const testing::TemporaryFolder folder;
  TrainOptions options = small_options("gru4rec", "cce", folder / "run");
  options.warmup = 21;
  CHECK_THROWS_WITH_AS(train(options), "--warmup 21: 3 epochs have only 21 steps", Error);
}

}  // namespace cce::test
