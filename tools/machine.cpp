#include "tools/machine.h"

#include <sys/resource.h>

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

namespace cce {
namespace {

/// Cores that the CPU quota of one control group (version 2) allows; a large number where there is none.
double quota(const std::filesystem::path& group) {
  std::ifstream file(group / "cpu.max");
  double time, period;  // "200000 100000", or "max 100000", which is read as no quota
  if (file >> time >> period && period > 0) return time / period;
  return CPU_SETSIZE;
}

/// Bytes of files that a control group keeps in memory as long as nobody needs it for something else.
double cached_files(const std::filesystem::path& group) {
  std::ifstream file(group / "memory.stat");
  double total = 0, bytes;
  for (std::string name; file >> name >> bytes;) {
    if (name == "inactive_file" || name == "active_file") total += bytes;
  }
  return total;
}

/// Bytes that one control group lets its processes still have.
double room(const std::filesystem::path& group) {
  std::ifstream most_file(group / "memory.max"), used_file(group / "memory.current");
  double most, used;  // "max" is no number
  if (most_file >> most && used_file >> used) return std::max(0.0, most - used + cached_files(group));
  return std::numeric_limits<double>::infinity();
}

/// The smallest that `of` says of this process's control group and the groups around it.
template <class Of>
double smallest_of_groups(Of of) {
  const std::filesystem::path root = "/sys/fs/cgroup";
  double smallest = of(root);
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("0::/")) continue;
    std::filesystem::path group = root;
    for (const auto& part : std::filesystem::path(line.substr(4))) {
      group /= part;
      smallest = std::min(smallest, of(group));
    }
  }
  return smallest;
}

/// Bytes that the system can give without taking them from somebody.
double spare_memory() {
  std::ifstream file("/proc/meminfo");
  double kilobytes;
  for (std::string name; file >> name; file.ignore(1000, '\n')) {
    if (name == "MemAvailable:" && file >> kilobytes) return kilobytes * 1024;
  }
  return std::numeric_limits<double>::infinity();
}

/// Bytes between this process's address space and its limit.
double spare_addresses() {
  rlimit limit{};
  std::ifstream file("/proc/self/statm");
  double pages;
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || !(file >> pages))
    return std::numeric_limits<double>::infinity();
  return std::max(0.0,
                  static_cast<double>(limit.rlim_cur) - pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
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
  return std::max(1, std::min(allowed, static_cast<int>(std::ceil(smallest_of_groups(quota)))));
}

int64_t available_memory() {
  const double bytes = std::min({spare_memory(), spare_addresses(), smallest_of_groups(room)});
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  return bytes < static_cast<double>(kMost) ? static_cast<int64_t>(bytes) : kMost;
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
