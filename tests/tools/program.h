// Runs the real program, as a user does.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/data/files.h"

namespace cce::testing {

struct Outcome {
  int code;  ///< of a process that a signal killed: 128 and the signal
  std::string out, err;
  int64_t peak_bytes;  ///< of memory, at least what the test itself had when it started the program
};

/// Runs cce_rec in `folder` with no environment but `environment`; both streams go to files there. Standard
/// input is the file `input`.
Outcome cce_rec(const TemporaryFolder& folder, std::vector<std::string> arguments,
                std::vector<std::string> environment = {}, const std::string& input = "/dev/null");

/// The same in two steps, for those who want to do something meanwhile.
pid_t start_cce_rec(const TemporaryFolder& folder, std::vector<std::string> arguments,
                    std::vector<std::string> environment = {}, const std::string& input = "/dev/null");
Outcome outcome_of(const TemporaryFolder& folder, pid_t process);

/// The same, and sends it a signal once there is a file `begun`.
Outcome cce_rec_stopped(const TemporaryFolder& folder, std::vector<std::string> arguments, int signal,
                        const std::string& begun);

/// What went wrong, as the one line it has to be, without the program's name in front.
std::string complaint(const Outcome& outcome);

/// What is in a file; nothing if it is a device.
std::string content(const std::string& path);

}  // namespace cce::testing
