// Dropout with a stream of random numbers of its own.
#pragma once

#include "engine/ops/ops.h"
#include "layers/parameters.h"

namespace cce {

class Dropout {
 public:
  /// Registers nothing, and takes the next of the model's numbers of dropout layers. 0 <= probability < 1.
  Dropout(const Scope& scope, double probability)
      : probability_(probability), layer_(scope.next_dropout_layer()) {}

  /// In training, elements become 0 with the probability, and the others grow to make up for it; else x.
  Tensor operator()(const Context& ctx, const Tensor& x) const {
    return dropout(ctx, x, probability_, layer_);
  }

 private:
  double probability_;
  uint32_t layer_;
};

}  // namespace cce
