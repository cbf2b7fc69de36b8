// SASRec (Kang and McAuley 2018), as the public S3-Rec code implements it: a transformer that reads the
// sequence from left to right, scored against the table its items come from.
//
//   items + positions -> LayerNorm -> dropout -> 2 x (self-attention, feed-forward), causal -> . item table^T
#pragma once

#include "layers/transformer.h"
#include "models/model.h"

namespace cce {

class SasRec : public Model {
 public:
  /// Uses item_rows, max_length and transformer.
  SasRec(const ModelOptions& options, uint64_t seed, DType dtype = DType::f32);

  Tensor encode(const Context& ctx, const Batch& batch) const override;
  Tensor encode_rows(const Context& ctx, const Batch& batch, const Tensor& rows_P) const override;
  const Tensor& item_table() const override { return encoder_.item_embeddings().weight(); }

 private:
  Transformer encoder_;
};

}  // namespace cce
