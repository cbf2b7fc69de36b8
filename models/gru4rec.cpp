#include "models/gru4rec.h"

#include <cmath>

namespace cce {

Gru4Rec::Gru4Rec(const ModelOptions& options, uint64_t seed, DType dtype)
    : Model(seed, dtype),
      item_embeddings_(Scope(parameters_) / "item_embeddings", options.item_rows, options.embedding_size,
                       Init::xavier_normal(), 0),
      dropout_(parameters_, options.dropout),
      gru_layers_(Scope(parameters_) / "gru_layers", options.embedding_size, options.hidden_size,
                  Init::xavier_uniform()),
      dense_(Scope(parameters_) / "dense", options.hidden_size, options.embedding_size,
             Init::uniform(1 / std::sqrt(static_cast<double>(options.hidden_size))),
             Init::uniform(1 / std::sqrt(static_cast<double>(options.hidden_size)))) {}

Tensor Gru4Rec::encode(const Context& ctx, const Batch& batch) const {
  const Tensor items_TE = dropout_(ctx, item_embeddings_(ctx, batch.items_T));
  const Tensor states_TH = gru_layers_(ctx, items_TE, batch.offsets_B1);
  return dense_(ctx, states_TH);
}

}  // namespace cce
