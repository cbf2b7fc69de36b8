#include "models/bert4rec.h"

namespace cce {

Bert4Rec::Bert4Rec(const ModelOptions& options, uint64_t seed, DType dtype)
    : Model(seed, dtype),
      encoder_(parameters_, options.item_rows, options.max_length, options.transformer),
      head_dense_(Scope(parameters_) / "head" / "dense", options.transformer.width, options.transformer.width,
                  Init::normal(options.transformer.init_deviation), Init::constant(0)),
      head_norm_(Scope(parameters_) / "head" / "LayerNorm", options.transformer.width,
                 options.transformer.norm_eps),
      output_bias_(parameters_.add("output_bias", {options.item_rows}, Init::constant(0))) {}

Tensor Bert4Rec::encode(const Context& ctx, const Batch& batch) const {
  const Tensor x_TD = encoder_(ctx, batch.items_T, batch.positions_T, batch.offsets_B1, /*causal=*/false);
  const Tensor hidden_TD = head_norm_(ctx, gelu(ctx, head_dense_(ctx, x_TD)));
  return append_column(ctx, hidden_TD, Tensor::ones({hidden_TD.rows()}, hidden_TD.dtype(), ctx.device));
}

Tensor Bert4Rec::output_table(const Context& ctx) const {
  return append_column(ctx, item_table(), output_bias_);
}

}  // namespace cce
