#include "tests/tools/interrupted_runs.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <thread>

#include "tests/tools/small_runs.h"
#include "tools/durable_file.h"
#include "tools/metrics_file.h"
#include "tools/signals.h"
#include "tools/trainer.h"

namespace cce::test {
namespace {

namespace fs = std::filesystem;

/// Sends this process a signal after some time, unless it is gone by then.
class Alarm {
 public:
  Alarm(int signal, int milliseconds)
      : thread_([=](const std::stop_token& gone) {
          for (int waited = 0; waited < milliseconds && !gone.stop_requested(); ++waited) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
          if (!gone.stop_requested()) kill(getpid(), signal);
        }) {}

 private:
  std::jthread thread_;
};

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

ExitCode train(const TrainOptions& options, std::optional<int> milliseconds) {
  const StopSignals signals;
  RunFolder folder({.out = options.out, .resume = options.resume, .overwrite = options.overwrite});
  if (folder.state() == RunFolder::State::finished) return ExitCode::done;
  Trainer trainer(options, small_data(), folder);
  if (folder.state() == RunFolder::State::anew) folder.write_config(to_toml(options));
  if (milliseconds == 0) kill(getpid(), SIGTERM);
  std::optional<Alarm> alarm;
  if (milliseconds > 0) alarm.emplace(SIGTERM, *milliseconds);
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

int train_with_stops(TrainOptions options, double shortest) {
  options.resume = true;
  for (int stops = 0;; ++stops) {
    const ExitCode code = train(options, stops == 0 ? 0 : growing_wait(shortest, stops - 1));
    if (code == ExitCode::done) return stops;
    CHECK(code == ExitCode::terminated);
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
