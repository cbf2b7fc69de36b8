#include "models/gru4rec.h"

#include <cmath>
#include <limits>

namespace cce {

Gru4Rec::Gru4Rec(const ModelOptions& options, uint64_t seed, DType dtype)
    : Model(seed, dtype),
      window_(options.left_padding ? options.max_length : 0),
      item_embeddings_(Scope(parameters_) / "item_embeddings", options.item_rows, options.embedding_size,
                       Init::xavier_normal(), 0),
      dropout_(parameters_, options.dropout),
      pad_dropout_(parameters_, options.dropout),
      gru_layers_(Scope(parameters_) / "gru_layers", options.embedding_size, options.hidden_size,
                  Init::xavier_uniform(), options.reset_gate),
      dense_(Scope(parameters_) / "dense", options.hidden_size, options.embedding_size,
             Init::uniform(1 / std::sqrt(static_cast<double>(options.hidden_size))),
             Init::uniform(1 / std::sqrt(static_cast<double>(options.hidden_size)))) {}

Tensor Gru4Rec::encode(const Context& ctx, const Batch& batch) const {
  const Tensor items_TE = dropout_(ctx, item_embeddings_(ctx, batch.items_T));
  const Tensor initial_BH = window_ > 0 ? states_after_pads(ctx, batch) : Tensor();
  return dense_(ctx, gru_layers_(ctx, items_TE, batch.offsets_B1, initial_BH));
}

Tensor Gru4Rec::states_after_pads(const Context& ctx, const Batch& batch) const {
  const int64_t sequences = batch.sequences();
  const bool shared = !pad_dropout_.drops(ctx);
  require(batch.length(0) <= window_, "[gru4rec] a sequence of {} items does not fit into a window of {}",
          batch.length(0), window_);  // the longest
  // The trajectories, longest first: that of the last sequence of the batch, which is the shortest, and so
  // on.
  std::vector<int32_t> offsets = {0};
  if (shared) offsets.push_back(static_cast<int32_t>(window_));
  require(shared || sequences * window_ <= std::numeric_limits<int32_t>::max(),
          "[gru4rec] {} windows of {} are too many positions; lower --batch-size or --max-length", sequences,
          window_);
  const Tensor rows_B = Tensor::zeros({sequences}, DType::i32);
  const Tensor padded_B1 = Tensor::zeros({sequences, 1}, DType::f32);  // 0: begins with zeros
  for (int64_t b = sequences - 1; b >= 0; --b) {
    const int64_t pads = window_ - batch.length(b);
    if (pads == 0) continue;
    const auto begin = shared ? 0 : offsets.back(), end = begin + static_cast<int32_t>(pads);
    rows_B.data<int32_t>()[b] = end - 1;
    padded_B1.data<float>()[b] = 1;
    if (!shared) offsets.push_back(end);
  }
  if (offsets.back() == 0) return {};

  const Tensor pads_Q = Tensor::zeros({offsets.back()}, DType::i32, ctx.device);
  const Tensor offsets_C1 = Tensor::from({std::ssize(offsets)}, offsets).to(ctx.device);
  const Tensor states_QH = gru_layers_(ctx, pad_dropout_(ctx, item_embeddings_(ctx, pads_Q)), offsets_C1);
  return multiply(ctx, select_rows(ctx, states_QH, rows_B.to(ctx.device)),
                  padded_B1.to(states_QH.dtype()).to(ctx.device));
}

}  // namespace cce
