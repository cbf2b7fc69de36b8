// Runs that are stopped or killed on the way, and resumed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tools/options.h"

namespace cce::test {

/// Trains on small_data() as the program does; asks it to stop after `milliseconds` (0: before the first
/// step).
ExitCode train(const TrainOptions& options, std::optional<int> milliseconds = std::nullopt);

/// Trains with --resume, asking it to stop before the first step, then, waiting for `shortest` milliseconds
/// and longer each time, until it is done. Returns how often it was stopped.
int train_with_stops(TrainOptions options, double shortest = 20);

/// The same with a process that is killed (SIGKILL).
int train_with_kills(TrainOptions options);

/// All bytes of a file.
std::string bytes(const std::filesystem::path& path);

/// Checks that two run folders hold the same bytes but for times and what a run says of itself.
void check_same_run(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace cce::test
