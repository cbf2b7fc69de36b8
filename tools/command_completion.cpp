// cce_rec completion and manual: what a package puts beside the program.
#include <fmt/core.h>

#include "tools/command.h"
#include "tools/completion.h"
#include "tools/version.h"

namespace cce {

ExitCode command_completion(const CompletionOptions& options) {
  fmt::print("{}", completion_script(options.shell));
  return ExitCode::done;
}

ExitCode command_manual(const ManualOptions&) {
  fmt::print("{}", manual_page(version()));
  return ExitCode::done;
}

}  // namespace cce
