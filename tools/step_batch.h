// What a training step reads, and how it is filled up so that many steps read as much.
//
// A captured step can be started again only for as many rows as it was captured with (engine/step_graph.h).
// So a few sequences of padding follow those of the batch, which bring its positions to a multiple of 128,
// and the rows of the loss are filled up likewise. What was there stays where it was and computes what it
// did: every sequence is read by itself, random numbers are drawn by place, and losses do not count the rows
// that are behind (Context::numbers), so that none of their gradients is anything but 0.
#pragma once

#include <vector>

#include "data/batch.h"
#include "data/negatives.h"

namespace cce {

struct StepBatch {
  Batch batch;
  Tensor rows_P;        ///< of the positions, those that the loss looks at; undefined: all
  Tensor targets_P;     ///< the right items there
  Negatives negatives;  ///< the wrong ones

  /// All that a step computes with, so not the targets at every position, and no users.
  std::vector<Tensor> tensors() const;
  /// The other way round.
  static StepBatch of(const std::vector<Tensor>& tensors);
};

/// Filled up, with sequences that are no longer than `max_length`. On the CPU.
StepBatch filled_up(const StepBatch& step, int64_t max_length);

}  // namespace cce
