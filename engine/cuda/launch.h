// How kernels are started, all of them: with the operation's name, so that an error can say it.
//
// Compiled by nvcc, this is a kernel launch. Where CCE_CUDA_EMULATED is defined, a C++ compiler compiles the
// same kernels for tests that run them on the CPU, thread by thread (tests/emulator).
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "engine/cuda/check.h"
#include "engine/cuda/stream.h"

#if defined(CCE_CUDA_EMULATED)
#include "tests/emulator/emulator.h"
#endif

namespace cce::cuda {

constexpr int kWarp = 32;

/// How many pieces of `piece` make up `size`, the last one perhaps smaller.
constexpr int64_t pieces(int64_t size, int64_t piece) {
  return (size + piece - 1) / piece;
}

struct Launch {
  const char* op;
  int64_t blocks;
  int threads = 256;         ///< of a block
  int64_t blocks_y = 1;      ///< a second dimension of the grid
  int64_t shared_bytes = 0;  ///< of dynamic shared memory, see dynamic_shared()
};

#if defined(CCE_CUDA_EMULATED)

template <class... Parameters, class... Arguments>
void launch(const Launch& how, void (*kernel)(Parameters...), Arguments... arguments) {
  if (how.blocks == 0 || how.blocks_y == 0) return;
  note_started(how.op);
  emulator::run({how.blocks, how.blocks_y}, how.threads, how.shared_bytes,
                [=] { kernel(static_cast<Parameters>(arguments)...); });
  check_launch(how.op);
}

template <class T>
T* dynamic_shared() {
  return static_cast<T*>(emulator::dynamic_shared());
}

#elif defined(__CUDACC__)

template <class... Parameters, class... Arguments>
void launch(const Launch& how, void (*kernel)(Parameters...), Arguments... arguments) {
  if (how.blocks == 0 || how.blocks_y == 0) return;
  constexpr int64_t kAlwaysThere = 47 << 10;  // 48 with the kernel's own __shared__ variables
  if (how.shared_bytes > kAlwaysThere) {
    CUDA_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                    cudaFuncAttributeMaxDynamicSharedMemorySize,
                                    static_cast<int>(how.shared_bytes)));
  }
  note_started(how.op);
  const dim3 grid(static_cast<unsigned>(how.blocks), static_cast<unsigned>(how.blocks_y));
  // clang-format off
  kernel<<<grid, static_cast<unsigned>(how.threads), static_cast<size_t>(how.shared_bytes), stream()>>>(
      static_cast<Parameters>(arguments)...);
  // clang-format on
  check_launch(how.op);
}

/// The shared memory whose size was given at launch.
template <class T>
__device__ T* dynamic_shared() {
  extern __shared__ __align__(16) unsigned char cce_dynamic_shared[];
  return reinterpret_cast<T*>(cce_dynamic_shared);
}

#endif

}  // namespace cce::cuda
