// GRU4Rec (Hidasi et al. 2016): a GRU reads the sequence, a dense layer brings its state back to the width of
// the item embeddings, and the item table scores it.
//
//   items -> embedding (E) -> dropout -> GRU (H) -> dense (H -> E) -> . item table^T
//
// The code of the paper's authors fills a window of max_length up with padding on the left, and its GRU reads
// that, too: at a sequence's first item its state is not zero. Which state it is depends on the number of
// pads alone, so all sequences begin somewhere on one trajectory, that of a sequence of nothing but pads;
// nothing else needs to be padded (left_padding).
#pragma once

#include "layers/dropout.h"
#include "layers/embedding.h"
#include "layers/gru.h"
#include "layers/linear.h"
#include "models/model.h"

namespace cce {

class Gru4Rec : public Model {
 public:
  /// Uses item_rows, embedding_size (E), hidden_size (H), dropout, reset_gate, and left_padding with
  /// max_length. Embeddings are xavier-normal, the GRU's matrices xavier-uniform over the three gates
  /// together, the dense layer uniform within 1 / sqrt(H).
  Gru4Rec(const ModelOptions& options, uint64_t seed, DType dtype = DType::f32);

  Tensor encode(const Context& ctx, const Batch& batch) const override;
  Tensor encode_rows(const Context& ctx, const Batch& batch, const Tensor& rows_P) const override;
  const Tensor& item_table() const override { return item_embeddings_.weight(); }

 private:
  /// [T, H]: the GRU's state at every position.
  Tensor states(const Context& ctx, const Batch& batch) const;
  /// [B, H]: the state after the pads that stand before each sequence. No dropout: in a padded program each
  /// pad of each sequence draws its own. Gradients reach the GRU, not the table's row of the padding.
  Tensor states_after_pads(const Context& ctx, const Batch& batch) const;

  int64_t padded_window_;   ///< length of the window that is filled up with padding; 0: it is not
  Tensor offsets_of_pads_;  ///< of one sequence, of so many pads
  Embedding item_embeddings_;
  Dropout dropout_;
  Gru gru_layers_;
  Linear dense_;
};

}  // namespace cce
