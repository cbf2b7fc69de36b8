// The position-wise feed-forward network with its residual connection: the other half of a transformer block.
#pragma once

#include "layers/dropout.h"
#include "layers/layer_norm.h"
#include "layers/linear.h"
#include "layers/transformer_options.h"

namespace cce {

class FeedForward {
 public:
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
