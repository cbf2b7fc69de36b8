// The position-wise feed-forward network with its residual connection: the other half of a transformer block
// (Vaswani et al. 2017; Eq. 18 and 19 of the paper).
#pragma once

#include "layers/dropout.h"
#include "layers/layer_norm.h"
#include "layers/linear.h"
#include "layers/transformer_options.h"

namespace cce {

class FeedForward {
 public:
  /// Registers dense_1 (width to feed_forward_factor widths), dense_2 (back again) and LayerNorm.
  FeedForward(const Scope& scope, const TransformerOptions& options);

  /// x [T, D] -> LayerNorm(x + Dropout(dense_2(activation(dense_1(x))))), or with the norm first as in
  /// SelfAttention.
  Tensor operator()(const Context& ctx, const Tensor& x_TD) const;

 private:
  Tensor transform(const Context& ctx, const Tensor& x_TD) const;

  TransformerOptions options_;
  Linear dense_1_, dense_2_;
  Dropout dropout_;
  LayerNorm norm_;
};

}  // namespace cce
