// BERT4Rec (Sun et al. 2019): a transformer that reads the sequence in both directions and fills in items
// that were hidden from it.
//
//   items + positions -> LayerNorm -> dropout -> 2 x (self-attention, feed-forward), bidirectional
//         -> dense -> GELU -> LayerNorm -> . item table^T + output bias
//
// It sees the answer to "what comes next?", so it cannot be trained on that: its losses look at hidden items
// (--timestamps masked), and it recommends by filling in a hidden item behind the last one (data/masking.h).
// The paper trains it with --optimizer adamw --lr 1e-4 --weight-decay 0.01 --clip-norm 5, and --warmup over
// the first steps; the defaults are those of all models.
#pragma once

#include "layers/linear.h"
#include "layers/transformer.h"
#include "models/model.h"

namespace cce {

class Bert4Rec : public Model {
 public:
  /// Uses item_rows, max_length and transformer.
  Bert4Rec(const ModelOptions& options, uint64_t seed, DType dtype = DType::f32);

  Tensor encode(const Context& ctx, const Batch& batch) const override;
  Tensor encode_rows(const Context& ctx, const Batch& batch, const Tensor& rows_P) const override;
  /// The items' vectors with their biases, as a column, beside them.
  Tensor output_table(const Context& ctx) const override;
  const Tensor& item_table() const override { return encoder_.item_embeddings().weight(); }

 private:
  Transformer encoder_;
  Linear head_dense_;
  LayerNorm head_norm_;
  Tensor output_bias_;
};

}  // namespace cce
