#include "tools/signals.h"

#include <unistd.h>
#include <csignal>

#include "tests/tools/faults.h"

namespace cce {
namespace {

using testing::outcome_of;

TEST_CASE("The first signal only asks to stop, and the exit code tells which it was") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const StopSignals signals;
    CHECK(stop_requested() == 0);
    ::raise(signal);
    CHECK(stop_requested() == signal);
    CHECK(static_cast<int>(exit_code_of(stop_requested())) == 128 + signal);
  }
}

TEST_CASE("The second signal ends the process at once") {
  const int outcome = outcome_of([] {
    const StopSignals signals;
    ::raise(SIGINT);
    ::raise(SIGTERM);
    ::_exit(1);
  });
  CHECK(outcome == 143);
}

TEST_CASE("Signals do what they did before once nobody listens") {
  const int outcome = outcome_of([] {
    ::signal(SIGTERM, [](int) { ::_exit(5); });
    { const StopSignals signals; }
    ::raise(SIGTERM);
  });
  CHECK(outcome == 5);
}

TEST_CASE("An interrupt that the shell left ignored stops a run all the same") {
  const int outcome = outcome_of([] {
    ::signal(SIGINT, SIG_IGN);
    const StopSignals signals;
    ::raise(SIGINT);
    ::_exit(stop_requested() == SIGINT ? 5 : 1);
  });
  CHECK(outcome == 5);
}

TEST_CASE("A file size limit does not kill while signals are handled") {
  const int outcome = outcome_of([] {
    const StopSignals signals;
    ::raise(SIGXFSZ);
    ::_exit(5);
  });
  CHECK(outcome == 5);
}

}  // namespace
}  // namespace cce
