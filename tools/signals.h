// Ctrl-C and SIGTERM: the first asks the program to save and stop, the second stops it at once.
#pragma once

#include "engine/error.h"

namespace cce {

/// While it lives, the first SIGINT or SIGTERM sets a flag that training and evaluation look at after each
/// batch, and the next one ends the process with 128 + its number. Also takes over a SIGINT that the shell
/// left ignored, as it does for background jobs of scripts. A write beyond the shell's file size limit
/// becomes an error (SIGXFSZ is ignored). One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
};

/// The signal that asked the program to stop, or 0. May be called from any thread.
int stop_requested();
/// Thrown where work is left because a signal asked for it.
struct Stopped {};
/// Throws Stopped if a signal asked the program to stop.
void leave_if_stopped();
/// ExitCode::interrupted for SIGINT, ExitCode::terminated for SIGTERM.
ExitCode exit_code_of(int signal);

}  // namespace cce
