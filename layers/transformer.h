// A transformer encoder over packed sequences: what turns items into vectors, and the blocks that mix them.
#pragma once

#include <vector>

#include "layers/attention.h"
#include "layers/embedding.h"
#include "layers/feed_forward.h"

namespace cce {

/// One block: attention, then feed-forward. Registers attention.* and intermediate.*.
class TransformerBlock {
 public:
  TransformerBlock(const Scope& scope, const TransformerOptions& options)
      : attention_(scope / "attention", options), feed_forward_(scope / "intermediate", options) {}

  /// [T, D]; with `rows_P` only these rows, [P, D].
  Tensor operator()(const Context& ctx, const Tensor& x_TD, const Tensor& offsets_B1, bool causal,
                    const Tensor& rows_P = {}) const {
    return feed_forward_(ctx, attention_(ctx, x_TD, offsets_B1, causal, rows_P));
  }

 private:
  SelfAttention attention_;
  FeedForward feed_forward_;
};

/// Items and their positions as vectors, and a stack of blocks over them. Registers item_embeddings,
/// position_embeddings, LayerNorm and item_encoder.layer.0, 1, ...
class Transformer {
 public:
  /// `item_rows` rows of items, `max_length` positions, at least one block.
  Transformer(const Scope& scope, int64_t item_rows, int64_t max_length, const TransformerOptions& options);

  /// items [T], positions [T] (ids into the position table) -> [T, D]:
  ///   blocks(Dropout(LayerNorm(item + position))).
  /// With `rows_P` only these rows of it, [P, D], which spares the last block most of its work at all others.
  Tensor operator()(const Context& ctx, const Tensor& items_T, const Tensor& positions_T,
                    const Tensor& offsets_B1, bool causal, const Tensor& rows_P = {}) const;

  const Embedding& item_embeddings() const { return item_embeddings_; }

 private:
  Embedding item_embeddings_, position_embeddings_;
  LayerNorm norm_;
  Dropout dropout_;
  std::vector<TransformerBlock> blocks_;
};

}  // namespace cce
