// What the program runs on.
#pragma once

#include <cstdint>
#include <string>

namespace cce {

/// Number of cores this process may use: its affinity mask, bounded by the CPU quota of its control groups.
int available_cores();

struct Processor {
  std::string name;  ///< as the system calls it, or "unknown processor"
  int cores;         ///< that the system has online
  bool avx2;
  bool avx512;
};
Processor processor();

/// Bytes of memory that this process can still get: what the system has to spare, bounded by its control
/// groups and its address space limit; the largest number where nothing says so.
int64_t available_memory();

/// The most memory this process has had so far, as the system counts it.
int64_t peak_resident_bytes();

}  // namespace cce
