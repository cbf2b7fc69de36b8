#include "tools/child_processes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
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

/// No signal reaches this thread while it lives.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  const sigset_t& before() const { return before_; }

 private:
  sigset_t before_;
};

/// What becomes of the process that start() has forked: the program, or nothing.
[[noreturn]] void become(const std::vector<char*>& arguments, const std::vector<char*>& environment, int log,
                         pid_t parent, const sigset_t& signals) {
  // Called between fork and exec: no more than what is safe in a signal handler.
  // A group of its own: Ctrl-C comes from the parent alone, and once, since a second one would not let it
  // save. It is also told to save when the parent is killed. Told to stop before it is the program, it has
  // nothing to save, and ends.
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  for (const int stop : {SIGINT, SIGTERM}) std::signal(stop, SIG_DFL);
  sigprocmask(SIG_SETMASK, &signals, nullptr);
  const bool redirected = dup2(log, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0;
  // The very program that runs, also where another has been built in its place meanwhile.
  if (redirected && getppid() == parent) execve("/proc/self/exe", arguments.data(), environment.data());
  _exit(kNotStarted);
}

pid_t start(const ChildCommand& command) {
  std::vector<std::string> words = command.arguments;
  words.insert(words.begin(), "cce_rec");
  const std::vector<char*> arguments = pointers_to(words), environment = clean_environment();
  const LogFile log(command.log);
  const BlockedSignals blocked;
  const pid_t parent = getpid(), process = fork();
  if (process < 0) throw std::system_error(errno, std::generic_category(), "starting " + command.name);
  if (process == 0) become(arguments, environment, log.descriptor(), parent, blocked.before());
  return process;
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

/// The commands on their way.
class Children {
 public:
  Children(const std::vector<ChildCommand>& commands, const ChildWatcher& watcher) : watcher_(watcher) {
    for (const ChildCommand& command : commands) children_.push_back({&command});
  }
  /// Ends what still runs if anything throws.
  ~Children() {
    tell(SIGTERM);
    for (const Child& child : children_) {
      if (child.state == State::running) waitpid(child.process, nullptr, 0);
    }
  }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  int running() const {
    return static_cast<int>(std::ranges::count(children_, State::running, &Child::state));
  }
  bool all_succeeded() const {
    return std::ranges::all_of(children_, [](const Child& child) { return child.state == State::succeeded; });
  }

  void tell(int signal) const {
    for (const Child& child : children_) {
      if (child.state == State::running) kill(child.process, signal);
    }
  }
  void see_who_ended() {
    for (size_t i = 0; i < children_.size(); ++i) {
      Child& child = children_[i];
      const int code = child.state == State::running ? exit_code_of_process(child.process) : -1;
      if (code < 0) continue;
      child.state = code == 0 ? State::succeeded : State::failed;
      watcher_.ended(i, code);
    }
  }
  void give_up_lost() {
    for (size_t i = 0; i < children_.size(); ++i) {
      if (!is_lost(children_, children_[i])) continue;
      children_[i].state = State::failed;
      watcher_.ended(i, kNotRun);
    }
  }
  void start_up_to(int at_once) {
    for (size_t i = 0; i < children_.size() && running() < at_once; ++i) {
      if (!may_start(children_, children_[i])) continue;
      children_[i].process = start(*children_[i].command);
      children_[i].state = State::running;
      watcher_.started(i);
    }
  }
  void remind() {
    const auto now = std::chrono::steady_clock::now();
    if (now - reminded_ < watcher_.interval) return;
    reminded_ = now;
    for (size_t i = 0; i < children_.size(); ++i) {
      if (children_[i].state == State::running) watcher_.at_work(i);
    }
  }

 private:
  const ChildWatcher& watcher_;
  std::vector<Child> children_;
  std::chrono::steady_clock::time_point reminded_ = std::chrono::steady_clock::now();
};

}  // namespace

ExitCode run_children(const std::vector<ChildCommand>& commands, int at_once, const ChildWatcher& watcher) {
  Children children(commands, watcher);
  bool told_to_stop = false;
  for (;;) {
    if (stop_requested() != 0 && !told_to_stop) {
      told_to_stop = true;
      children.tell(stop_requested());
    }
    children.see_who_ended();
    if (!told_to_stop) {  // what was told to stop did not fail, and no more is started
      children.give_up_lost();
      children.start_up_to(at_once);
    }
    if (children.running() == 0) break;
    children.remind();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  if (told_to_stop) return exit_code_of(stop_requested());
  return children.all_succeeded() ? ExitCode::done : ExitCode::failed;
}

}  // namespace cce
