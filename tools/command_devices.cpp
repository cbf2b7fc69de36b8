#include <fmt/core.h>

#include "tools/command.h"
#include "tools/machine.h"

namespace cce {

ExitCode command_devices(const DevicesOptions& options) {
  const Processor cpu = processor();
  fmt::print("cpu      {}\n", cpu.name);
  fmt::print("cores    {} online, {} available to this process\n", cpu.cores, available_cores());
  fmt::print("vectors  AVX2 and FMA: {}, AVX-512: {}\n", cpu.avx2 ? "yes" : "no", cpu.avx512 ? "yes" : "no");
  fmt::print("threads  {}\n", options.threads);
  fmt::print("gpu      none: this program was built without CUDA\n");
  fmt::print("\n--device auto computes on the CPU.\n");
  return ExitCode::done;
}

}  // namespace cce
