// Layer normalisation with a learned scale and shift.
#pragma once

#include "engine/ops/ops.h"
#include "layers/parameters.h"

namespace cce {

class LayerNorm {
 public:
  /// Registers weight (width), ones, and bias (width), zeros.
  LayerNorm(const Scope& scope, int64_t width, double eps)
      : weight_(scope.parameter("weight", {width}, Init::constant(1))),
        bias_(scope.parameter("bias", {width}, Init::constant(0))),
        eps_(eps) {}

  /// x [T, width] -> each row with mean 0 and variance 1, then scaled and shifted, [T, width].
  Tensor operator()(const Context& ctx, const Tensor& x_TD) const {
    return layer_norm(ctx, x_TD, weight_, bias_, eps_);
  }

 private:
  Tensor weight_, bias_;
  double eps_;
};

}  // namespace cce
