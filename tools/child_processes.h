// Runs this program again, several times side by side.
#pragma once

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

/// Runs the commands, at most `at_once` at a time and otherwise in their order. `started` and `ended` are
/// told the index; `ended` the exit code, too. A command whose predecessor failed is not run; `ended` is told
/// kNotRun for it. When a signal asks this process to stop, the children get it, too, and no more are
/// started; when this process is killed, they get SIGTERM. Returns done if all succeeded, the exit code of
/// the signal if one came, and failed otherwise.
inline constexpr int kNotRun = -1;
ExitCode run_children(const std::vector<ChildCommand>& commands, int at_once,
                      const std::function<void(size_t)>& started,
                      const std::function<void(size_t, int)>& ended);

}  // namespace cce
