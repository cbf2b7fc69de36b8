// A stream of random numbers that is another one in every training step.
#pragma once

#include "engine/random.h"

namespace cce {

struct StepStream {
  uint64_t seed, subsequence;
  /// Where kernels read the step, which then is not that of `subsequence`; null: it is.
  const uint32_t* step_on_gpu;

  StepStream(uint64_t key, Purpose purpose, uint32_t step, uint32_t index, const uint32_t* on_gpu)
      : seed(key), subsequence(cce::subsequence(purpose, step, index)), step_on_gpu(on_gpu) {}

  /// Its words 4 number to 4 number + 3.
  CCE_HOST_DEVICE std::array<uint32_t, 4> block(uint64_t number) const {
    const uint64_t now =
        step_on_gpu == nullptr ? subsequence : uint64_t{*step_on_gpu} << 32 | (subsequence & 0xFFFFFFFFu);
    return philox(seed, now, number);
  }
};

}  // namespace cce
