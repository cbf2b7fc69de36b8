// S3-Rec (Zhou et al. 2020): SASRec, pre-trained by what items, their attributes and stretches of a sequence
// say about one another.
//
// Pre-training reads sequences in both directions, with items hidden (data/pretraining.h), and maximises four
// kinds of mutual information, each through a linear map of its own:
//   AAP  the attributes of an item, from what the encoder says where it stands;
//   MIP  a hidden item, against one that is not in the sequence;
//   MAP  the attributes of a hidden item;
//   SP   a hidden stretch of the sequence, against one from elsewhere.
// Recommending, and fine-tuning with any loss, reads from left to right, exactly as SASRec does.
#pragma once

#include "data/pretraining.h"
#include "layers/linear.h"
#include "layers/transformer.h"
#include "models/model.h"

namespace cce {

/// The objectives of a batch, scalars, each a sum over the positions it looks at.
struct PretrainingLoss {
  Tensor total;  ///< what is minimised: 0.2 aap + mip + map + 0.5 sp, the public code's weights
  Tensor aap, mip, map, sp;
};

class S3Rec : public Model {
 public:
  /// Uses item_rows, attribute_rows (throws if there are none), max_length and transformer.
  S3Rec(const ModelOptions& options, uint64_t seed, DType dtype = DType::f32);

  Tensor encode(const Context& ctx, const Batch& batch) const override;
  Tensor encode_rows(const Context& ctx, const Batch& batch, const Tensor& rows_P) const override;
  const Tensor& item_table() const override { return encoder_.item_embeddings().weight(); }

  /// The four objectives at a batch of prefixes, read in both directions. AAP and MAP are binary
  /// cross-entropies over all attributes (linear_multi_label), MIP and SP -log sigmoid(sigmoid(positive) -
  /// sigmoid(negative)).
  PretrainingLoss pretraining_loss(const Context& ctx, const PretrainingBatch& batch) const;

 private:
  /// AAP.
  Tensor unmasked_attribute_loss(const Context& ctx, const Tensor& hidden_PD,
                                 const PretrainingBatch& batch) const;
  /// MIP.
  Tensor masked_item_loss(const Context& ctx, const Tensor& masked_MD, const PretrainingBatch& batch) const;
  /// SP.
  Tensor segment_loss(const Context& ctx, const Tensor& hidden_PD, const PretrainingBatch& batch) const;

  Transformer encoder_;
  Embedding attribute_embeddings_;
  Linear aap_norm_, mip_norm_, map_norm_, sp_norm_;
};

}  // namespace cce
