#include "tools/machine.h"

#include <sys/resource.h>

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

namespace cce {
namespace {

/// Cores that the CPU quota of one control group (version 2) allows; a large number where there is none.
double quota(const std::filesystem::path& group) {
  std::ifstream file(group / "cpu.max");
  double time, period;  // "200000 100000", or "max 100000", which is read as no quota
  if (file >> time >> period && period > 0) return time / period;
  return CPU_SETSIZE;
}

/// The smallest quota of this process's control group and the groups around it.
double smallest_quota() {
  const std::filesystem::path root = "/sys/fs/cgroup";
  double smallest = quota(root);
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("0::/")) continue;
    std::filesystem::path group = root;
    for (const auto& part : std::filesystem::path(line.substr(4))) {
      group /= part;
      smallest = std::min(smallest, quota(group));
    }
  }
  return smallest;
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

}  // namespace

int available_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  const bool known = sched_getaffinity(0, sizeof cores, &cores) == 0;
  const int allowed = known ? CPU_COUNT(&cores) : static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  return std::max(1, std::min(allowed, static_cast<int>(std::ceil(smallest_quota()))));
}

Processor processor() {
  Processor result{processor_name(), static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)), false, false};
#if defined(__x86_64__)
  result.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  result.avx512 = __builtin_cpu_supports("avx512f");
#endif
  return result;
}

int64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace cce
