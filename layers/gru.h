// One layer of gated recurrent units, without biases, over packed sequences.
#pragma once

#include "engine/ops/ops.h"
#include "layers/parameters.h"

namespace cce {

class Gru {
 public:
  /// Registers weight_ih_l0 (3 hidden, inputs) and weight_hh_l0 (3 hidden, hidden), PyTorch's names and order
  /// of gates.
  Gru(const Scope& scope, int64_t inputs, int64_t hidden, const Init& init, ResetGate reset)
      : weight_ih_(scope.parameter("weight_ih_l0", {3 * hidden, inputs}, init)),
        weight_hh_(scope.parameter("weight_hh_l0", {3 * hidden, hidden}, init)),
        reset_(reset) {}

  /// x [T, inputs], sequences longest first -> the state after every step, [T, hidden]. Sequence b begins
  /// with row b of `initial_BH`; undefined: with zeros.
  Tensor operator()(const Context& ctx, const Tensor& x_TD, const Tensor& offsets_B1,
                    const Tensor& initial_BH = {}) const {
    return gru(ctx, linear(ctx, x_TD, weight_ih_, {}), weight_hh_, offsets_B1,
               {.initial_BH = initial_BH, .reset = reset_});
  }

 private:
  Tensor weight_ih_, weight_hh_;
  ResetGate reset_;
};

}  // namespace cce
