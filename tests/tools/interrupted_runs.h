// Runs that are stopped or killed on the way, and resumed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tools/options.h"

namespace cce::test {

/// While it lives, SIGTERM comes once: while step number `step` of a training or pre-training, from 1 where
/// this begins, is at work, or, for 0, at once. StopSignals have to be in place. One at a time.
class StopInStep {
 public:
  explicit StopInStep(std::optional<int> step);
  ~StopInStep();
  StopInStep(const StopInStep&) = delete;
  StopInStep& operator=(const StopInStep&) = delete;
};

/// After how many steps of its epoch the run that was stopped goes on.
int64_t step_in_epoch(const std::filesystem::path& run);

/// Trains on small_data() as the program does; asks it to stop in step `stop_in_step` (see StopInStep).
ExitCode train(const TrainOptions& options, std::optional<int> stop_in_step = std::nullopt);

/// Trains with --resume, asking it to stop before the first step, then in the third of what is left, the
/// fourth of what is left then, and so on until it is done: where an epoch has seven steps, once in the
/// ranking after one, too. Checks that the first two stops are where they were asked for: epochs have more
/// than three steps. Returns how often it was stopped.
int train_with_stops(TrainOptions options);

/// The same with a process that is killed (SIGKILL) after some time, a longer one each time.
int train_with_kills(TrainOptions options);

/// All bytes of a file.
std::string bytes(const std::filesystem::path& path);

/// Checks that two run folders hold the same bytes but for times and what a run says of itself.
void check_same_run(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace cce::test
