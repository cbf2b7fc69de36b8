// Copies from the GPU's memory to shared memory that go on while the block computes (cp.async).
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#if defined(CCE_CUDA_EMULATED)
#include "tests/emulator/emulator.h"
#endif

namespace cce::cuda {

/// Starts a copy of four floats to `shared`, or, unless `present`, fills in zeros, and then reads nothing.
/// Both addresses are aligned to 16 bytes. The thread sees the numbers after wait_for_copies().
__device__ inline void start_copy(float* shared, const float* from, bool present) {
#if defined(CCE_CUDA_EMULATED)
  emulator::start_copy(shared, present ? from : nullptr);
#else
  const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(shared));
  const int bytes = present ? 16 : 0;  // the rest of the 16 becomes 0
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(bytes)
               : "memory");
#endif
}

/// Waits for the copies that this thread started.
__device__ inline void wait_for_copies() {
#if defined(CCE_CUDA_EMULATED)
  emulator::finish_copies();
#else
  asm volatile("cp.async.wait_all;" ::: "memory");
#endif
}

}  // namespace cce::cuda
