#include "tests/gpu/tiny_trainings.h"

#include <doctest/doctest.h>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "data/demo.h"
#include "models/model_table.h"
#include "tests/tools/small_runs.h"
#include "tools/metrics_file.h"
#include "tools/pretrainer.h"
#include "tools/run_folder.h"
#include "tools/signals.h"
#include "tools/stopwatch.h"
#include "tools/trainer.h"

#if defined(CCE_CUDA_EMULATED)
#include "tests/emulator/emulator.h"
#endif

namespace cce::test {
namespace {

void guard([[maybe_unused]] bool guarded) {
#if defined(CCE_CUDA_EMULATED)
  emulator::guard_memory(guarded);
#endif
}

}  // namespace

Unguarded::Unguarded() {
  guard(false);
}

Unguarded::~Unguarded() {
  guard(true);
}

const Dataset& tiny_data() {
  static const Dataset data = first_users("tiny", 12);
  return data;
}

TrainOptions tiny_options(const std::string& device, const std::string& model, const std::string& loss,
                          const std::string& folder) {
  TrainOptions options = small_options(model, loss, model_named(model).bidirectional ? "masked" : "", folder);
  options.device = device;
  options.epochs = 2, options.batch_size = 8, options.pretrain_epochs = 0;
  options.negatives = std::min(options.negatives, 8);
  return options;
}

std::vector<double> train_on(const std::string& device, TrainOptions options, const std::string& folder) {
  options.out = folder;
  const StopSignals signals;
  RunFolder run({.out = folder});
  Trainer trainer(options, tiny_data(), run);
  run.write_config(to_toml(options));
  REQUIRE(trainer.run() == ExitCode::done);
  CHECK(trainer.result().device == device);
  CHECK((trainer.result().peak_device_bytes > 0) == (device == "cuda"));
  std::vector<double> losses;
  for (const EpochRecord& record : read_metrics(folder + "/metrics.jsonl")) losses.push_back(record.loss);
  return losses;
}

namespace {

const Dataset& few_prefixes() {
  static const Dataset data = first_users("few", 2);
  return data;
}

/// Calls run(resume), which trains, until it comes to its end; it is stopped before its first step, and then
/// later each time: on a quick GPU perhaps not again.
template <class Run>
void with_stops(Run run) {
  int starts = 0;
  for (ExitCode code = ExitCode::terminated; code != ExitCode::done; ++starts) {
    const StopSignals signals;
    if (starts == 0) kill(getpid(), SIGTERM);
    const std::jthread alarm([wait = 0.05 * std::pow(1.3, starts), starts](const std::stop_token& gone) {
      const Stopwatch watch;
      while (watch.seconds() < wait && !gone.stop_requested())
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (starts > 0 && !gone.stop_requested()) kill(getpid(), SIGTERM);
    });
    code = run(starts > 0);
    REQUIRE((code == ExitCode::done || code == ExitCode::terminated));
  }
}

PretrainOptions tiny_pretraining(const std::string& device, const TinyPretraining& tiny,
                                 const std::string& folder) {
  PretrainOptions options;
  options.model = "s3rec", options.data = "demo", options.out = folder, options.device = device;
  options.embedding_size = 8, options.layers = 1, options.threads = 2, options.quiet = true;
  options.pretrain_epochs = tiny.epochs, options.batch_size = tiny.batch_size;
  options.mask_probability = tiny.mask_probability, options.max_length = tiny.max_length;
  resolve_defaults(options);
  return options;
}

ExitCode pretrain_once(const PretrainOptions& options, bool resume) {
  RunFolder run({.out = options.out, .resume = resume});
  return Pretrainer(options, few_prefixes(), demo_attributes(), run).run();
}

}  // namespace

std::vector<double> pretrain_on(const std::string& device, const TinyPretraining& tiny,
                                const std::string& folder) {
  const StopSignals signals;
  REQUIRE(pretrain_once(tiny_pretraining(device, tiny, folder), false) == ExitCode::done);
  std::vector<double> losses;
  for (const PretrainingRecord& record : read_pretraining_metrics(folder + "/metrics.jsonl")) {
    losses.push_back(record.loss);
    losses.insert(losses.end(), record.objectives.begin(), record.objectives.end());
  }
  return losses;
}

void pretrain_with_stops_on_gpu(const TinyPretraining& tiny, const std::string& folder) {
  const PretrainOptions options = tiny_pretraining("cuda", tiny, folder);
  with_stops([&](bool resume) { return pretrain_once(options, resume); });
}

void train_with_stops_on_gpu(TrainOptions options) {
  with_stops([&, going_on = options.resume](bool resume) {
    options.resume = resume || going_on;
    RunFolder run({.out = options.out, .resume = options.resume});
    return Trainer(options, tiny_data(), run).run();
  });
}

std::string message_of_divergence(TrainOptions options) {
  const StopSignals signals;
  RunFolder run({.out = options.out, .overwrite = true});
  Trainer trainer(options, tiny_data(), run);
  try {
    trainer.run();
  } catch (const Error& error) {
    return error.what();
  }
  FAIL("it did not stop");
  return {};
}

}  // namespace cce::test
