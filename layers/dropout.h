// Dropout with a stream of random numbers of its own.
#pragma once

#include "engine/ops/ops.h"
#include "layers/module.h"

namespace cce {

class Dropout {
 public:
  Dropout(const Scope& scope, double probability)
      : probability_(probability), layer_(scope.next_dropout_layer()) {}

  Tensor operator()(const Context& ctx, const Tensor& x) const {
    return dropout(ctx, x, probability_, layer_);
  }

 private:
  double probability_;
  uint32_t layer_;
};

}  // namespace cce
