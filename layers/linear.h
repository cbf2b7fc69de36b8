// A fully connected layer: y = x W^T + b.
#pragma once

#include "engine/ops/ops.h"
#include "layers/parameters.h"

namespace cce {

class Linear {
 public:
  /// Registers weight (outputs, inputs) and bias (outputs).
  Linear(const Scope& scope, int64_t inputs, int64_t outputs, const Init& weight, const Init& bias)
      : weight_(scope.parameter("weight", {outputs, inputs}, weight)),
        bias_(scope.parameter("bias", {outputs}, bias)) {}

  /// x [T, inputs] -> [T, outputs].
  Tensor operator()(const Context& ctx, const Tensor& x_TD) const {
    return linear(ctx, x_TD, weight_, bias_);
  }

 private:
  Tensor weight_, bias_;
};

}  // namespace cce
