#include "layers/feed_forward.h"

#include "layers/transformer_linear.h"

namespace cce {

FeedForward::FeedForward(const Scope& scope, const TransformerOptions& options)
    : options_(options),
      dense_1_(transformer_linear(scope / "dense_1", options.width,
                                  options.width * options.feed_forward_factor, options)),
      dense_2_(transformer_linear(scope / "dense_2", options.width * options.feed_forward_factor,
                                  options.width, options)),
      dropout_(scope, options.dropout),
      norm_(scope / "LayerNorm", options.width, options.norm_eps) {}

Tensor FeedForward::operator()(const Context& ctx, const Tensor& x_TD) const {
  if (options_.norm_first) return add(ctx, x_TD, transform(ctx, norm_(ctx, x_TD)));
  return norm_(ctx, add(ctx, x_TD, transform(ctx, x_TD)));
}

Tensor FeedForward::transform(const Context& ctx, const Tensor& x_TD) const {
  const Tensor inner = dense_1_(ctx, x_TD);
  const Tensor active = options_.activation == Activation::relu ? relu(ctx, inner) : gelu(ctx, inner);
  return dropout_(ctx, dense_2_(ctx, active));
}

}  // namespace cce
