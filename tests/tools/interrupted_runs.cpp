#include "tests/tools/interrupted_runs.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <string>
#include <thread>

#include "tests/tools/small_runs.h"
#include "tools/durable_file.h"
#include "tools/metrics_file.h"
#include "tools/safetensors.h"
#include "tools/signals.h"
#include "tools/trainer.h"

namespace cce::test {
namespace {

namespace fs = std::filesystem;

/// How many steps of a training are still to begin before it is asked to stop; 0: it is not.
std::atomic<int> steps_left = 0;

/// The lines of metrics.jsonl without their seconds.
std::vector<EpochRecord> metrics_without_seconds(const fs::path& run) {
  std::vector<EpochRecord> records = read_metrics(run / "metrics.jsonl");
  for (EpochRecord& record : records) record.seconds_train = 0, record.seconds_valid = 0;
  return records;
}

/// A time in milliseconds that grows by a seventh with every attempt, up to what the slowest build needs.
int growing_wait(double shortest, int attempt) {
  return static_cast<int>(shortest * std::pow(8.0 / 7, attempt));
}

}  // namespace

extern "C" {

int __real__ZN3cce14stop_requestedEv();

/// In the place of cce::stop_requested() (see tests/CMakeLists.txt), which a training asks before each step:
/// the signal that comes after the answer finds that step at work.
int __wrap__ZN3cce14stop_requestedEv() {
  const int signal = __real__ZN3cce14stop_requestedEv();
  if (steps_left > 0 && --steps_left == 0) raise(SIGTERM);
  return signal;
}
}

StopInStep::StopInStep(std::optional<int> step) {
  steps_left = step.value_or(0);
  if (step == 0) raise(SIGTERM);
}

StopInStep::~StopInStep() {
  steps_left = 0;
}

int64_t step_in_epoch(const fs::path& run) {
  return std::stoll(read_safetensors(run / "resume.safetensors").metadata.at("state.step_in_epoch"));
}

ExitCode train(const TrainOptions& options, std::optional<int> stop_in_step) {
  const StopSignals signals;
  RunFolder folder({.out = options.out, .resume = options.resume, .overwrite = options.overwrite});
  if (folder.state() == RunFolder::State::finished) return ExitCode::done;
  Trainer trainer(options, small_data(), folder);
  if (folder.state() == RunFolder::State::anew) folder.write_config(to_toml(options));
  const StopInStep stop(stop_in_step);
  return trainer.run();
}

std::string bytes(const fs::path& path) {
  return read_file(path, 1 << 26);
}

void check_same_run(const fs::path& a, const fs::path& b) {
  CHECK(bytes(a / "best.safetensors") == bytes(b / "best.safetensors"));
  CHECK(bytes(a / "last.safetensors") == bytes(b / "last.safetensors"));
  CHECK(bytes(a / "ranks.tsv") == bytes(b / "ranks.tsv"));
  const auto of_a = metrics_without_seconds(a), of_b = metrics_without_seconds(b);
  REQUIRE(of_a.size() == of_b.size());
  for (size_t i = 0; i < of_a.size(); ++i) {
    CHECK(of_a[i].loss == of_b[i].loss);
    CHECK(of_a[i].valid == of_b[i].valid);
  }
}

int train_with_stops(TrainOptions options) {
  options.resume = true;
  for (int stops = 0;; ++stops) {
    const int step = stops == 0 ? 0 : 2 + stops;
    const ExitCode code = train(options, step);
    if (code == ExitCode::done) return stops;
    CHECK(code == ExitCode::terminated);
    if (stops < 2) CHECK(step_in_epoch(options.out) == step);  // in the middle of the first epoch
  }
}

int train_with_kills(TrainOptions options) {
  options.resume = true;
  for (int kills = 0;; ++kills) {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) _exit(train(options) == ExitCode::done ? 0 : 1);
    std::this_thread::sleep_for(std::chrono::milliseconds(growing_wait(20, kills)));
    kill(child, SIGKILL);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) {
      CHECK(WEXITSTATUS(status) == 0);
      return kills;
    }
  }
}

}  // namespace cce::test
