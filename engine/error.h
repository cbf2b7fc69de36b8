// Errors: one exception type that carries the message a user sees and the exit code the program ends with.
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>

namespace cce {

/// How the program ends; the values are part of the command-line contract.
enum class ExitCode : int {
  done = 0,
  failed = 1,  ///< data, files, NaN
  usage = 2,   ///< wrong options or names, a device that is not there
  out_of_memory = 3,
  interrupted = 130,  ///< SIGINT, after saving
  terminated = 143,   ///< SIGTERM, after saving
};

/// What is thrown everywhere but where the system has no more memory (HostMemoryRefused, host_memory.h).
/// `what()` is a single line that names the place and the fix.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// Throws an Error that ends the program with exit code 1: bad data, files, numbers, or a misused function.
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(ExitCode::failed, fmt::format(format, std::forward<Args>(args)...));
}

/// Throws an Error that ends the program with exit code 2: the command line asks for what does not exist.
template <class... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(ExitCode::usage, fmt::format(format, std::forward<Args>(args)...));
}

/// fail(...) unless `ok`. The arguments are evaluated either way, so keep them cheap.
template <class... Args>
void require(bool ok, fmt::format_string<Args...> format, Args&&... args) {
  if (!ok) fail(format, std::forward<Args>(args)...);
}

}  // namespace cce
