#include <fmt/core.h>

#include "engine/device.h"
#include "tools/command.h"
#include "tools/machine.h"

namespace cce {

namespace {

void print_gpu(const GpuReport& report) {
  constexpr double kGiga = 1e9;
  if (report.name.empty()) {
    fmt::print("gpu      none: {}\n", report.problem);
    return;
  }
  fmt::print("gpu      {}, compute capability {}.{}, {} multiprocessors\n", report.name, report.major,
             report.minor, report.multiprocessors);
  fmt::print("memory   {:.1f} GB, {:.1f} GB of it free\n", static_cast<double>(report.memory_bytes) / kGiga,
             static_cast<double>(report.free_bytes) / kGiga);
  fmt::print("cuda     the driver knows {}, this program was built with {}\n", report.driver, report.runtime);
  if (!report.usable()) fmt::print("         not usable: {}\n", report.problem);
}

}  // namespace

ExitCode command_devices(const DevicesOptions& options) {
  const Processor cpu = processor();
  fmt::print("cpu      {}\n", cpu.name);
  fmt::print("cores    {} online, {} available to this process\n", cpu.cores, available_cores());
  fmt::print("vectors  AVX2 and FMA: {}, AVX-512: {}\n", cpu.avx2 ? "yes" : "no", cpu.avx512 ? "yes" : "no");
  fmt::print("threads  {}\n", options.threads);
  print_gpu(gpu());
  fmt::print("\n--device auto computes on the {}.\n", gpu().usable() ? "GPU" : "CPU");
  return ExitCode::done;
}

}  // namespace cce
