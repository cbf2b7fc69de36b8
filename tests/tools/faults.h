// What the tests of durable files need: processes that die, and disks that fail, at a chosen step.
#pragma once

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tools/durable_file.h"

namespace cce::testing {

/// Runs `action` in a child process that is killed (SIGKILL) before its file step number `step`, from 0.
/// False if it came to its end with fewer steps.
inline bool killed_at(int step, const std::function<void()>& action) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    int left = step;
    const FaultInjection fault([&](FileStep, const std::filesystem::path&) {
      if (left-- == 0) ::raise(SIGKILL);
      return 0;
    });
    action();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFSIGNALED(status)) {
    REQUIRE(WTERMSIG(status) == SIGKILL);
    return true;
  }
  REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  return false;
}

/// What became of a process: its exit code, or minus the signal that ended it.
inline int outcome_of(const std::function<void()>& action) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    action();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/// Makes file step number `step`, from 0, fail with `code` while it lives.
class FailingStep {
 public:
  FailingStep(int step, int code)
      : left_(step),
        fault_([this, code](FileStep, const std::filesystem::path&) { return left_-- == 0 ? code : 0; }) {}
  /// Whether the action came that far.
  bool reached() const { return left_ < 0; }

 private:
  int left_;
  FaultInjection fault_;
};

/// Every file and folder below `folder`, sorted.
inline std::vector<std::string> listing(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    names.push_back(std::filesystem::relative(entry.path(), folder).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace cce::testing
