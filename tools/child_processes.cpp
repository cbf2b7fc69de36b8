#include "tools/child_processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <string_view>
#include <system_error>
#include <thread>

#include "tools/signals.h"

extern char** environ;

namespace cce {
namespace {

constexpr int kNotStarted = 127;  // as a shell says it

enum class State { waiting, running, succeeded, failed };

struct Child {
  const ChildCommand* command;
  State state = State::waiting;
  pid_t process = 0;
};

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// The environment without options of other runs, which must not get into these.
std::vector<char*> clean_environment() {
  std::vector<char*> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!text.starts_with("CCE_REC_") || text.starts_with("CCE_REC_DATA=")) environment.push_back(*variable);
  }
  environment.push_back(nullptr);
  return environment;
}

/// A file that is appended to, closed at the end of the scope.
class LogFile {
 public:
  explicit LogFile(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), path.string());
  }
  ~LogFile() { ::close(descriptor_); }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

pid_t start(const ChildCommand& command) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  std::vector<std::string> words = command.arguments;
  words.insert(words.begin(), program);
  const std::vector<char*> arguments = pointers_to(words), environment = clean_environment();
  const LogFile log(command.log);
  const pid_t parent = getpid(), process = fork();
  if (process < 0) throw std::system_error(errno, std::generic_category(), "starting " + command.name);
  if (process > 0) return process;
  // From here on in the child, which may call no more than what is safe in a signal handler.
  // A group of its own: Ctrl-C comes from the parent alone, and once, since a second one would not let it
  // save. It is also told to save when the parent is killed.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  const bool redirected =
      dup2(log.descriptor(), STDOUT_FILENO) >= 0 && dup2(log.descriptor(), STDERR_FILENO) >= 0;
  if (redirected && getppid() == parent) execve(program.c_str(), arguments.data(), environment.data());
  _exit(kNotStarted);
}

/// The exit code of a process that has ended, 128 and more for a signal; -1 while it runs.
int exit_code_of_process(pid_t process) {
  int status = 0;
  const pid_t ended = waitpid(process, &status, WNOHANG);
  if (ended == 0) return -1;
  if (ended < 0) throw std::system_error(errno, std::generic_category(), "waiting for a child");
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool may_start(const std::vector<Child>& children, const Child& child) {
  if (child.state != State::waiting) return false;
  const int after = child.command->after;
  return after < 0 || children[static_cast<size_t>(after)].state == State::succeeded;
}

bool is_lost(const std::vector<Child>& children, const Child& child) {
  const int after = child.command->after;
  return child.state == State::waiting && after >= 0 &&
         children[static_cast<size_t>(after)].state == State::failed;
}

/// Ends what still runs if starting another one throws.
struct Children : std::vector<Child> {
  ~Children() {
    for (const Child& child : *this) {
      if (child.state == State::running) kill(child.process, SIGTERM);
    }
    for (const Child& child : *this) {
      if (child.state == State::running) waitpid(child.process, nullptr, 0);
    }
  }
};

}  // namespace

ExitCode run_children(const std::vector<ChildCommand>& commands, int at_once, const ChildWatcher& watcher) {
  Children children;
  for (const ChildCommand& command : commands) children.push_back({&command});
  bool told_to_stop = false;
  auto reminded = std::chrono::steady_clock::now();
  for (;;) {
    if (stop_requested() != 0 && !told_to_stop) {
      told_to_stop = true;
      for (const Child& child : children) {
        if (child.state == State::running) kill(child.process, stop_requested());
      }
    }
    int running = 0;
    for (size_t i = 0; i < children.size(); ++i) {
      Child& child = children[i];
      if (child.state == State::running) {
        const int code = exit_code_of_process(child.process);
        if (code >= 0) {
          child.state = code == 0 ? State::succeeded : State::failed;
          watcher.ended(i, code);
        }
      }
      if (!told_to_stop && is_lost(children, child)) {  // what was told to stop did not fail
        child.state = State::failed;
        watcher.ended(i, kNotRun);
      }
      running += child.state == State::running;
    }
    bool all_ended = running == 0;
    for (size_t i = 0; i < children.size() && running < at_once && !told_to_stop; ++i) {
      if (!may_start(children, children[i])) continue;
      children[i].process = start(*children[i].command);
      children[i].state = State::running;
      watcher.started(i);
      ++running, all_ended = false;
    }
    if (all_ended) break;
    if (const auto now = std::chrono::steady_clock::now(); now - reminded >= watcher.interval) {
      reminded = now;
      for (size_t i = 0; i < children.size(); ++i) {
        if (children[i].state == State::running) watcher.at_work(i);
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  if (told_to_stop) return exit_code_of(stop_requested());
  for (const Child& child : children) {
    if (child.state != State::succeeded) return ExitCode::failed;
  }
  return ExitCode::done;
}

}  // namespace cce
