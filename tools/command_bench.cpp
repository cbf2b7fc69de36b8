// cce_rec bench: what the engine and its losses do, measured.
#include <fmt/core.h>

#include "tools/command.h"
#include "tools/command_bench_gradients.h"
#include "tools/durable_file.h"

namespace cce {

ExitCode command_bench(const BenchOptions& options) {
  fmt::print("{}", gradient_tables());
  if (!options.out.empty()) {
    write_durably(options.out, gradient_picture());
    fmt::print("picture in {}\n", options.out);
  }
  return ExitCode::done;
}

}  // namespace cce
