#include "models/gru4rec.h"

#include <cmath>

namespace cce {

Gru4Rec::Gru4Rec(const ModelOptions& options, uint64_t seed, DType dtype)
    : Model(seed, dtype),
      padded_window_(options.left_padding ? options.max_length : 0),
      offsets_of_pads_(
          parameters_.add_constant(Tensor::from<int32_t>({2}, {0, static_cast<int32_t>(padded_window_)}))),
      item_embeddings_(Scope(parameters_) / "item_embeddings", options.item_rows, options.embedding_size,
                       Init::xavier_normal(), /*padding_row=*/0),
      dropout_(parameters_, options.dropout),
      gru_layers_(Scope(parameters_) / "gru_layers", options.embedding_size, options.hidden_size,
                  Init::xavier_uniform(), options.reset_gate),
      dense_(Scope(parameters_) / "dense", options.hidden_size, options.embedding_size,
             Init::uniform(1 / std::sqrt(static_cast<double>(options.hidden_size))),
             Init::uniform(1 / std::sqrt(static_cast<double>(options.hidden_size)))) {}

Tensor Gru4Rec::encode(const Context& ctx, const Batch& batch) const {
  return dense_(ctx, states(ctx, batch));
}

Tensor Gru4Rec::encode_rows(const Context& ctx, const Batch& batch, const Tensor& rows_P) const {
  return dense_(ctx, select_rows(ctx, states(ctx, batch), rows_P));
}

Tensor Gru4Rec::states(const Context& ctx, const Batch& batch) const {
  const Tensor items_TE = dropout_(ctx, item_embeddings_(ctx, batch.items_T));
  const Tensor initial_BH = padded_window_ > 0 ? states_after_pads(ctx, batch) : Tensor();
  return gru_layers_(ctx, items_TE, batch.offsets_B1, initial_BH);
}

Tensor Gru4Rec::states_after_pads(const Context& ctx, const Batch& batch) const {
  const Tensor pads_L = Tensor::zeros({padded_window_}, DType::i32, ctx.device);
  const Tensor states_LH = gru_layers_(ctx, item_embeddings_(ctx, pads_L), offsets_of_pads_);
  return states_before(ctx, states_LH, batch.offsets_B1);
}

}  // namespace cce
