// GRU4Rec (Hidasi et al. 2016): a GRU reads the sequence, a dense layer brings its state back to the width of
// the item embeddings, and the item table scores it.
//
//   items -> embedding (E) -> dropout -> GRU (H) -> dense (H -> E) -> . item table^T
#pragma once

#include "layers/dropout.h"
#include "layers/embedding.h"
#include "layers/gru.h"
#include "layers/linear.h"
#include "models/model.h"

namespace cce {

class Gru4Rec : public Model {
 public:
  /// Uses item_rows, embedding_size (E), hidden_size (H) and dropout. Embeddings are xavier-normal, the GRU's
  /// matrices xavier-uniform over the three gates together, the dense layer uniform within 1 / sqrt(H).
  Gru4Rec(const ModelOptions& options, uint64_t seed, DType dtype = DType::f32);

  Tensor encode(const Context& ctx, const Batch& batch) const override;
  const Tensor& item_table() const override { return item_embeddings_.weight(); }

 private:
  Embedding item_embeddings_;
  Dropout dropout_;
  Gru gru_layers_;
  Linear dense_;
};

}  // namespace cce
