#include "tests/tools/program.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

namespace cce::testing {

std::string content(const std::string& path) {
  if (!std::filesystem::is_regular_file(path)) return "";
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

Outcome cce_rec(const TemporaryFolder& folder, std::vector<std::string> arguments,
                std::vector<std::string> environment, const std::string& input) {
  return outcome_of(folder, start_cce_rec(folder, std::move(arguments), std::move(environment), input));
}

pid_t start_cce_rec(const TemporaryFolder& folder, std::vector<std::string> arguments,
                    std::vector<std::string> environment, const std::string& input) {
  const std::string out = folder / "stdout", err = folder / "stderr";
  const auto pointers = [](std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
  };
  arguments.insert(arguments.begin(), "cce_rec");
  environment.push_back("HOME=" + folder.path().string());

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.path().c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, CCE_REC_PROGRAM, &actions, nullptr, pointers(arguments).data(),
                      pointers(environment).data()) == 0);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

Outcome cce_rec_stopped(const TemporaryFolder& folder, std::vector<std::string> arguments, int signal,
                        const std::string& begun) {
  const pid_t child = start_cce_rec(folder, std::move(arguments));
  // It has ended without that file if it can be waited for.
  siginfo_t ended{};
  while (!std::filesystem::exists(begun) && ended.si_pid == 0) {
    REQUIRE(waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) == 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  kill(child, signal);
  return outcome_of(folder, child);
}

Outcome outcome_of(const TemporaryFolder& folder, pid_t process) {
  int status = 0;
  rusage usage{};
  REQUIRE(wait4(process, &status, 0, &usage) == process);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content(folder / "stdout"),
          content(folder / "stderr"), int64_t{usage.ru_maxrss} * 1024};
}

std::string complaint(const Outcome& outcome) {
  const std::string prefix = "cce_rec: error: ";
  CHECK(outcome.err.starts_with(prefix));
  CHECK(outcome.err.find('\n') == outcome.err.size() - 1);
  return outcome.err.substr(std::min(prefix.size(), outcome.err.size()));
}

}  // namespace cce::testing
