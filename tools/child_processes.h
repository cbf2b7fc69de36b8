// Runs this program again, several times side by side.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/error.h"

namespace cce {

struct ChildCommand {
  std::string name;                    ///< what messages call it
  std::vector<std::string> arguments;  ///< of this program
  std::filesystem::path log;           ///< its output is appended here
  int after = -1;                      ///< index of the command that must have succeeded first; -1: none
};

/// The exit code of a command that is not run, since its predecessor failed.
inline constexpr int kNotRun = -1;

/// Who is told of commands on their way, by their index.
struct ChildWatcher {
  std::function<void(size_t)> started;
  std::function<void(size_t, int)> ended;  ///< the exit code, or kNotRun
  std::function<void(size_t)> at_work;     ///< one that still runs, whenever `interval` has passed
  std::chrono::milliseconds interval = std::chrono::minutes(2);
};

/// Runs the commands, at most `at_once` at a time and otherwise in their order. When a signal asks this
/// process to stop, the children get it, too, and no more are started; when this process is killed, they get
/// SIGTERM. Returns done if all succeeded, the exit code of the signal if one came, and failed otherwise.
ExitCode run_children(const std::vector<ChildCommand>& commands, int at_once, const ChildWatcher& watcher);

}  // namespace cce
