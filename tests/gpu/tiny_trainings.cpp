#include "tests/gpu/tiny_trainings.h"

#include <doctest/doctest.h>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "models/model_table.h"
#include "tests/tools/small_runs.h"
#include "tools/metrics_file.h"
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

int train_with_stops_on_gpu(TrainOptions options) {
  int stops = 0;
  for (ExitCode code = ExitCode::terminated; code != ExitCode::done; options.resume = true, ++stops) {
    const StopSignals signals;
    RunFolder run({.out = options.out, .resume = options.resume});
    Trainer trainer(options, tiny_data(), run);
    if (stops == 0) kill(getpid(), SIGTERM);  // before the first step; then later each time
    const std::jthread alarm([wait = 0.05 * std::pow(1.3, stops), stops](const std::stop_token& gone) {
      const Stopwatch watch;
      while (watch.seconds() < wait && !gone.stop_requested())
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      if (stops > 0 && !gone.stop_requested()) kill(getpid(), SIGTERM);
    });
    code = trainer.run();
    CHECK((code == ExitCode::done || code == ExitCode::terminated));
  }
  return stops;
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
