// Random numbers are those of NVIDIA's cuRAND, whose code, where its headers are installed, is compiled here
// for the CPU.
#include <doctest/doctest.h>

#include "engine/random.h"

#if __has_include(<curand_kernel.h>)
#define QUALIFIERS static inline
#include <cuda_runtime.h>
// after cuda_runtime.h, which it needs
#include <curand_kernel.h>
#endif

namespace cce::test {

TEST_CASE("curand: philox() gives the words of curand4() after curand_init()") {
#if __has_include(<curand_kernel.h>)
  for (uint64_t i = 0; i < 100; ++i) {
    const uint64_t seed = i * 0x9E3779B97F4A7C15u, stream = i * i * 0x1234567u << (i % 32),
                   block = i * i * i << (i % 40);
    curandStatePhilox4_32_10_t state;
    curand_init(seed, stream, 4 * block, &state);
    const uint4 words = curand4(&state);
    CHECK(philox(seed, stream, block) == std::array<uint32_t, 4>{words.x, words.y, words.z, words.w});
  }
#else
  MESSAGE("not compared: this build had no headers of cuRAND");
#endif
}

}  // namespace cce::test
