// What decides which elements dropout keeps: element e stays when word e of the stream, in cuRAND's order, is
// at least p * 2^32. The same on every device.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/step_stream.h"

namespace cce {

struct DropoutDraw {
  StepStream stream;
  uint32_t threshold;
  double scale;  ///< of what is kept: 1 / (1 - p), which keeps the expectation

  DropoutDraw(uint64_t key, uint32_t step, uint32_t layer, double p, const uint32_t* step_on_gpu = nullptr)
      : stream(key, Purpose::dropout, step, layer, step_on_gpu),
        threshold(static_cast<uint32_t>(std::ldexp(p, 32))),
        scale(1 / (1 - p)) {}

  /// What element e is multiplied with: 0 or the scale.
  CCE_HOST_DEVICE float factor(int64_t e) const {
    const auto words = stream.block(static_cast<uint64_t>(e / 4));
    return words[static_cast<size_t>(e % 4)] >= threshold ? static_cast<float>(scale) : 0.0F;
  }
};

}  // namespace cce
