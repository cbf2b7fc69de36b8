#include "tools/signals.h"

#include <unistd.h>
#include <csignal>

#include <atomic>

namespace cce {
namespace {

std::atomic<int> requested{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may touch nothing else");

struct sigaction previous_interrupt, previous_terminate, previous_file_size;

void on_signal(int signal) {
  if (requested.exchange(signal) != 0) _exit(128 + signal);
}

void install(int signal, void (*handler)(int), struct sigaction* previous) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;  // writes and waits go on: the training loop looks at the flag
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, previous);
}

}  // namespace

StopSignals::StopSignals() {
  requested = 0;
  install(SIGINT, on_signal, &previous_interrupt);
  install(SIGTERM, on_signal, &previous_terminate);
  install(SIGXFSZ, SIG_IGN, &previous_file_size);
}

StopSignals::~StopSignals() {
  sigaction(SIGINT, &previous_interrupt, nullptr);
  sigaction(SIGTERM, &previous_terminate, nullptr);
  sigaction(SIGXFSZ, &previous_file_size, nullptr);
}

int stop_requested() {
  return requested;
}

void leave_if_stopped() {
  if (requested != 0) throw Stopped();
}

ExitCode exit_code_of(int signal) {
  return signal == SIGTERM ? ExitCode::terminated : ExitCode::interrupted;
}

}  // namespace cce
