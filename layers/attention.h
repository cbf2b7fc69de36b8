// Multi-head self-attention with its residual connection and normalisation: one half of a transformer block
// (Vaswani et al. 2017; Eq. 15-17 and 19 of the paper).
#pragma once

#include "layers/dropout.h"
#include "layers/layer_norm.h"
#include "layers/linear.h"
#include "layers/transformer_options.h"

namespace cce {

class SelfAttention {
 public:
  /// Registers query, key, value and dense (each width to width, with a bias) and LayerNorm. Throws a usage
  /// error where the width cannot be split evenly between the heads.
  SelfAttention(const Scope& scope, const TransformerOptions& options);

  /// For sequences that stand at `offsets` (int32 [B + 1]), x [T, D] -> LayerNorm(x +
  /// Dropout(dense(heads(x)))) or, with norm_first, x + Dropout(dense(heads(LayerNorm(x)))). With `rows_P`
  /// (int32 [P]) only these rows of the result, [P, D]: all positions are attended to, but only these go on.
  Tensor operator()(const Context& ctx, const Tensor& x_TD, const Tensor& offsets_B1, bool causal,
                    const Tensor& rows_P = {}) const;

 private:
  Tensor attend(const Context& ctx, const Tensor& x_TD, const Tensor& offsets_B1, bool causal,
                const Tensor& rows_P) const;

  TransformerOptions options_;
  Linear query_, key_, value_, dense_;
  uint32_t attention_dropout_;
  Dropout dropout_;
  LayerNorm norm_;
};

}  // namespace cce
