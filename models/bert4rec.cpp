#include "models/bert4rec.h"

#include "layers/transformer_linear.h"

namespace cce {

Bert4Rec::Bert4Rec(const ModelOptions& options, uint64_t seed, DType dtype)
    : Model(seed, dtype),
      encoder_(parameters_, options.item_rows, options.max_length, options.transformer),
      head_dense_(transformer_linear(Scope(parameters_) / "head" / "dense", options.transformer.width,
                                     options.transformer.width, options.transformer)),
      head_norm_(Scope(parameters_) / "head" / "LayerNorm", options.transformer.width,
                 options.transformer.norm_eps),
      output_bias_(parameters_.add("output_bias", {options.item_rows}, Init::constant(0))) {}

Tensor Bert4Rec::encode(const Context& ctx, const Batch& batch) const {
  return encode_rows(ctx, batch, /*all*/ {});
}

Tensor Bert4Rec::encode_rows(const Context& ctx, const Batch& batch, const Tensor& rows_P) const {
  const Tensor x_PD =
      encoder_(ctx, batch.items_T, batch.positions_T, batch.offsets_B1, /*causal=*/false, rows_P);
  const Tensor hidden_PD = head_norm_(ctx, gelu(ctx, head_dense_(ctx, x_PD)));
  return append_column(ctx, hidden_PD, Tensor::ones({hidden_PD.rows()}, hidden_PD.dtype(), ctx.device));
}

Tensor Bert4Rec::output_table(const Context& ctx) const {
  return append_column(ctx, item_table(), output_bias_);
}

}  // namespace cce
