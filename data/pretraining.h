// The batches that S3-Rec is pre-trained on (Zhou et al. 2020, "S3-Rec: self-supervised learning for
// sequential recommendation with mutual information maximization").
//
// A sample is a prefix of what a user's sequence offers for training. It is shown to the model four times:
//   masked items      some items, and always the last, replaced by the mask token;
//   masked segment    a run of items replaced by mask tokens;
//   true segment      only that run, on a canvas of mask tokens;
//   negative segment  as many items from anywhere in the data, in the same place of such a canvas.
// All four have the prefix's length, so they make up one packed batch, pass after pass.
#pragma once

#include <cstdint>
#include <vector>

#include "data/attributes.h"
#include "data/batch.h"
#include "data/dataset.h"
#include "engine/tensor.h"

namespace cce {

/// Labels of rows, few of very many: row p has ids[offsets_P1[p]] .. ids[offsets_P1[p + 1] - 1]. All int32.
struct RowLabels {
  Tensor offsets_P1;
  Tensor ids;
};

/// B samples, T positions in all four passes. The objectives look at P of them: all of the first pass, of
/// which M are masked and U are not, and the last ones of the others. The tensors from masked_M on number
/// these P.
struct PretrainingBatch {
  Tensor items_T, positions_T, offsets_B1;  ///< as in Batch, but for 4 B sequences: those of a pass in a row
  Tensor rows_P;                            ///< where among the T the P are, ascending
  Tensor masked_M, unmasked_U;              ///< both ascending
  Tensor targets_M1, negatives_M1;          ///< what stood at a masked position, and an item the prefix lacks
  RowLabels masked_attributes, unmasked_attributes;      ///< of the items that stand, or stood, there
  Tensor context_B, true_segment_B, negative_segment_B;  ///< the last ones of the second to fourth pass

  int64_t samples() const { return context_B.size(); }
  /// The batch with its tensors on `device`.
  PretrainingBatch on(Device device) const;
};

/// What a sample is made into; a function of `seed`, `epoch` and the sample.
struct PretrainingOptions {
  int batch_size = 100;
  int max_length = 50;
  double mask_probability = 0.2;  ///< of an item; the last one is always masked
  uint64_t seed = 42;
};

/// All prefixes of s[-(max_length + 2):-2], for every user's sequence s: by user and, within a user, from
/// short to long. `end` is where in s the prefix ends.
std::vector<Sample> pretraining_samples(const Dataset& dataset, int max_length);

/// The batches of pre-training. As in TrainingBatches, a batch is a pure function of (seed, epoch, index).
/// Refers to the data set and the attributes, which must outlive it.
class PretrainingBatches {
 public:
  /// Throws when an option is out of range or the attributes are those of other items.
  PretrainingBatches(const Dataset& dataset, const Attributes& attributes, const PretrainingOptions& options);

  int64_t samples() const { return static_cast<int64_t>(samples_.size()); }
  /// Batches in an epoch; the last one may hold fewer samples.
  int64_t per_epoch() const;
  /// Batch `index` (0 .. per_epoch() - 1) of `epoch`. Cheapest when called in order.
  PretrainingBatch get(uint32_t epoch, int64_t index);

 private:
  std::span<const int32_t> prefix(const Sample& sample) const;

  const Dataset& dataset_;
  const Attributes& attributes_;
  PretrainingOptions options_;
  std::vector<Sample> samples_;
  std::vector<int32_t> order_;  // of samples_, in epoch order_epoch_; empty before the first batch
  uint32_t order_epoch_ = 0;
};

}  // namespace cce
