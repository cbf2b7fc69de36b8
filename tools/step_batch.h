// What a training step reads, from the samples of its batch to the tensors that it computes with.
//
// The CPU decides what is cheap and decides sizes: which sequences, which of their positions the loss looks
// at, which targets all rows share as negatives. That is the step's plan. Where the model is, the plan
// becomes the step's batch: items are looked up, hidden where they are to be, and negatives drawn
// (data/step_lookups.h).
//
// A captured step can be started again only for as many rows as it was captured with (engine/step_graph.h).
// So the plan of one is filled up: a few sequences of padding follow those of the batch, which bring its
// positions to a multiple of 128, and behind the rows of the loss come the same ones again
// (data/filled_up.h). What was there stays where it was and computes what it did: every sequence is read by
// itself, random numbers are drawn by place, and losses do not count the rows that are behind
// (Context::numbers), so that none of their gradients is anything but 0.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "data/batch.h"
#include "data/device_table.h"
#include "data/masking.h"
#include "data/negatives.h"
#include "engine/context.h"
#include "engine/step_graph.h"
#include "losses/loss.h"

namespace cce {

struct StepPlan {
  BatchPlan batch;
  Tensor rows_P;           ///< of the positions, those that the loss looks at; undefined: all
  NegativePlan negatives;  ///< of losses that sample some
  int64_t positions = 0;   ///< T
  int64_t rows = 0;        ///< P

  /// All that is copied to where the model is, and all else that says how much it computes.
  StepGraph::Inputs tensors() const;
  StepGraph::Sizes sizes() const { return {positions, rows}; }
  /// This plan with its tensors there, as tensors() has them.
  StepPlan with(const StepGraph::Inputs& there) const;
};

/// Filled up, with sequences that are no longer than `max_length`.
StepPlan filled_up(const StepPlan& plan, int64_t max_length);

struct StepBatch {
  Batch batch;          ///< without users, and without targets at each position
  Tensor rows_P;        ///< as in StepPlan
  Tensor targets_P;     ///< the right items there
  Negatives negatives;  ///< the wrong ones
};

/// The batches of training with a loss: those of TrainingBatches, as far as the loss looks at them.
class StepBatches {
 public:
  struct Options {
    TrainingBatches::Options batches;
    Timestamps timestamps = Timestamps::all;
    std::optional<MaskingOptions> masking;     ///< if the timestamps are masked
    std::optional<NegativeOptions> negatives;  ///< if the loss samples some
  };
  /// How often each item, 0 .. max_item + 1, is the target of a row in an epoch. Of masked timestamps, where
  /// chance decides it anew in each epoch, how often it occurs in training, to which that is about in
  /// proportion.
  static std::vector<int32_t> target_counts(const Dataset& dataset, const Options& options);

  /// For a model on `device`. Refers to the data set, which must outlive it.
  StepBatches(const Dataset& dataset, const Options& options, Device device);

  /// Batches in an epoch.
  int64_t per_epoch() const { return batches_.per_epoch(); }
  /// Of batch `index` of `epoch`, which is step `step` of all. Throws where negatives cannot be drawn.
  StepPlan plan(uint32_t epoch, int64_t index, uint32_t step);
  /// Of a plan whose tensors are on ctx.device, for the step and seed that it was planned for, which are
  /// ctx's.
  StepBatch batch(const Context& ctx, const StepPlan& there) const;

 private:
  Options options_;
  TrainingBatches batches_;
  std::unique_ptr<NegativeSource> negatives_;  // null for losses that sample none
  DeviceCopy<int32_t> items_;                  // of the data set
};

}  // namespace cce
