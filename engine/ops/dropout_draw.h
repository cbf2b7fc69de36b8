// What decides which elements dropout keeps: element e stays when word e of the stream, in cuRAND's order, is
// at least p * 2^32. The same on every device.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/random.h"

namespace cce {

struct DropoutDraw {
  uint64_t seed, subsequence;
  uint32_t threshold;
  double scale;  ///< of what is kept: 1 / (1 - p), which keeps the expectation
  /// Where kernels read the step, which then is not that of `subsequence`; null: it is.
  const uint32_t* step_on_gpu;

  DropoutDraw(uint64_t key, uint32_t step, uint32_t layer, double p, const uint32_t* on_gpu = nullptr)
      : seed(key),
        subsequence(cce::subsequence(Purpose::dropout, step, layer)),
        threshold(static_cast<uint32_t>(std::ldexp(p, 32))),
        scale(1 / (1 - p)),
        step_on_gpu(on_gpu) {}

  CCE_HOST_DEVICE uint64_t subsequence_now() const {
    if (step_on_gpu == nullptr) return subsequence;
    return uint64_t{*step_on_gpu} << 32 | (subsequence & 0xFFFFFFFFu);
  }

  /// What element e is multiplied with: 0 or the scale.
  CCE_HOST_DEVICE float factor(int64_t e) const {
    const auto words = philox(seed, subsequence_now(), static_cast<uint64_t>(e / 4));
    return words[static_cast<size_t>(e % 4)] >= threshold ? static_cast<float>(scale) : 0.0F;
  }
};

}  // namespace cce
