// The batches that S3-Rec is pre-trained on (Zhou et al. 2020, "S3-Rec: self-supervised learning for
// sequential recommendation with mutual information maximization").
//
// A sample is a prefix of what a user's sequence offers for training. It is shown to the model four times:
//   masked items      some items, and always the last, replaced by the mask token;
//   masked segment    a run of items replaced by mask tokens;
//   true segment      only that run, on a canvas of mask tokens;
//   negative segment  as many items from anywhere in the data, in the same place of such a canvas.
// All four have the prefix's length, so they make up one packed batch, pass after pass.
//
// As in training, the CPU decides little and sizes: which prefixes, what is masked, where they are cut. That
// is the plan. Where the model is, it becomes the batch (data/pretraining_lookups.h).
#pragma once

#include <cstdint>
#include <vector>

#include "data/attributes.h"
#include "data/batch.h"
#include "data/dataset.h"
#include "data/device_table.h"
#include "engine/context.h"
#include "engine/ops/ops.h"
#include "engine/step_graph.h"
#include "engine/tensor.h"

namespace cce {

/// B samples, T positions in all four passes. The objectives look at P of them: all of the first pass, of
/// which M are masked and U are not, and the last ones of the others. A position of the first pass has the
/// same number among the T and among the P. In a step that is filled up, more sequences follow those of the
/// four passes, more rows the P, and the M and U begin once more.
struct PretrainingBatch {
  Tensor items_T, positions_T, offsets_B1;  ///< as in Batch, but for 4 B sequences: those of a pass in a row
  Tensor rows_P;                            ///< where among the T the P are, ascending
  Tensor masked_M, unmasked_U;      ///< which of the P, both ascending (and then from the first on again)
  Tensor targets_M1, negatives_M1;  ///< what stood at a masked position, and an item the prefix lacks
  Tensor items_U;                   ///< what stands at one that is not masked
  LabelSets attributes;             ///< of every item
  Tensor context_B, true_segment_B,
      negative_segment_B;  ///< the last ones of the second to fourth pass: which of the P
  Tensor counts_2;         ///< how many of the M and of the U count, the first ones; undefined: all

  int64_t samples() const { return context_B.size(); }
  /// Where kernels read how many count; null: all. The plan's numbers, which must outlive the tape.
  const int32_t* masked_in_use() const { return counts_2.defined() ? counts_2.data<int32_t>() : nullptr; }
  const int32_t* unmasked_in_use() const {
    return counts_2.defined() ? counts_2.data<int32_t>() + 1 : nullptr;
  }
};

/// What the CPU decides of a batch. All int32.
struct PretrainingPlan {
  Tensor offsets_B1;            ///< as in PretrainingBatch
  Tensor starts_B;              ///< where each prefix begins in Dataset::items
  Tensor segments_B3;           ///< where each is cut, a Segment (pretraining_lookups.h)
  Tensor masked_M, unmasked_U;  ///< as in PretrainingBatch
  Tensor counts_2;              ///< how many of the M and of the U count
  int64_t positions = 0;        ///< T
  int64_t rows = 0;             ///< P

  int64_t samples() const { return starts_B.size(); }
  /// All that is copied to where the model is, and all else that says how much it computes.
  StepGraph::Inputs tensors() const;
  StepGraph::Sizes sizes() const { return {positions, rows}; }
  /// This plan with its tensors there, as tensors() has them.
  PretrainingPlan with(const StepGraph::Inputs& there) const;
};

/// Filled up (data/filled_up.h), with sequences that are no longer than `max_length`.
PretrainingPlan filled_up(const PretrainingPlan& plan, int64_t max_length);

struct PretrainingOptions {
  int batch_size = 100;
  int max_length = 50;
  double mask_probability = 0.2;  ///< of an item; the last one is always masked
  uint64_t seed = 42;
};

/// All prefixes of s[-(max_length + 2):-2], for every user's sequence s: by user and, within a user, from
/// short to long. `end` is where in s the prefix ends.
std::vector<Sample> pretraining_samples(const Dataset& dataset, int max_length);

struct SamplePlaces;  // data/pretraining_lookups.h

/// The batches of pre-training, of samples in the order of EpochOrder; what they are made into is a pure
/// function of (seed, step) and the batch.
/// Refers to the data set, which must outlive it.
class PretrainingBatches {
 public:
  /// For a model on `device`. Throws when an option is out of range or the attributes are those of other
  /// items.
  PretrainingBatches(const Dataset& dataset, const Attributes& attributes, const PretrainingOptions& options,
                     Device device);

  int64_t samples() const { return order_.samples(); }
  /// Batches in an epoch; the last one may hold fewer samples.
  int64_t per_epoch() const { return order_.per_epoch(); }
  /// Of batch `index` (0 .. per_epoch() - 1) of `epoch`, which is step `step` of all. Cheapest when called in
  /// order.
  PretrainingPlan plan(uint32_t epoch, int64_t index, uint32_t step);
  /// Of a plan whose tensors are on ctx.device, for the step and seed that it was planned for, which are
  /// ctx's.
  PretrainingBatch batch(const Context& ctx, const PretrainingPlan& there) const;

 private:
  void show_positions(const Context& ctx, const PretrainingPlan& there, const SamplePlaces& places,
                      PretrainingBatch& batch) const;
  void look_up_rows(const Executor& on, const PretrainingPlan& there, const SamplePlaces& places,
                    PretrainingBatch& batch) const;
  void look_up_items(const Context& ctx, const PretrainingPlan& there, const SamplePlaces& places,
                     PretrainingBatch& batch) const;

  const Dataset& dataset_;
  PretrainingOptions options_;
  LabelSets attributes_;       // on the device
  DeviceCopy<int32_t> items_;  // of the data set
  EpochOrder order_;
};

}  // namespace cce
