#include "layers/transformer.h"

namespace cce {

Transformer::Transformer(const Scope& scope, int64_t item_rows, int64_t max_length,
                         const TransformerOptions& options)
    : item_embeddings_(scope / "item_embeddings", item_rows, options.width,
                       Init::normal(options.init_deviation), /*padding_row=*/0),
      position_embeddings_(scope / "position_embeddings", max_length, options.width,
                           Init::normal(options.init_deviation)),
      norm_(scope / "LayerNorm", options.width, options.norm_eps),
      dropout_(scope, options.dropout) {
  if (options.layers < 1) fail_usage("--layers {}: a transformer has at least one", options.layers);
  for (int64_t layer = 0; layer < options.layers; ++layer) {
    blocks_.emplace_back(scope / "item_encoder" / "layer" / std::to_string(layer), options);
  }
}

Tensor Transformer::operator()(const Context& ctx, const Tensor& items_T, const Tensor& positions_T,
                               const Tensor& offsets_B1, bool causal, const Tensor& rows_P) const {
  Tensor x_TD = add(ctx, item_embeddings_(ctx, items_T), position_embeddings_(ctx, positions_T));
  x_TD = dropout_(ctx, norm_(ctx, x_TD));
  for (size_t layer = 0; layer + 1 < blocks_.size(); ++layer) {
    x_TD = blocks_[layer](ctx, x_TD, offsets_B1, causal);
  }
  return blocks_.back()(ctx, x_TD, offsets_B1, causal, rows_P);
}

}  // namespace cce
