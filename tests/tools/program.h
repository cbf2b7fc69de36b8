// Runs the real program, as a user does.
#pragma once

#include <string>
#include <vector>

#include "tests/data/files.h"

namespace cce::testing {

struct Outcome {
  int code;
  std::string out, err;
};

/// Runs cce_rec in `folder` with no environment but `environment`; both streams go to files there.
Outcome cce_rec(const TemporaryFolder& folder, std::vector<std::string> arguments,
                std::vector<std::string> environment = {});

/// The same, and sends it a signal once there is a file `begun`. Where that kills it, the code is 128 and the
/// signal.
Outcome cce_rec_stopped(const TemporaryFolder& folder, std::vector<std::string> arguments, int signal,
                        const std::string& begun);

/// What went wrong, as the one line it has to be, without the program's name in front.
std::string complaint(const Outcome& outcome);

/// What is in a file; nothing if it is a device.
std::string content(const std::string& path);

}  // namespace cce::testing
