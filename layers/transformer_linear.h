// The fully connected layers of transformers.
#pragma once

#include "layers/linear.h"
#include "layers/transformer_options.h"

namespace cce {

/// Weights from N(0, init_deviation^2), biases 0, as in the public code.
inline Linear transformer_linear(const Scope& scope, int64_t inputs, int64_t outputs,
                                 const TransformerOptions& options) {
  return {scope, inputs, outputs, Init::normal(options.init_deviation), Init::constant(0)};
}

}  // namespace cce
