// Masking: hide items of a sequence and let the model say what stood there (BERT4Rec's cloze task, Sun et al.
// 2019).
//
// What a model learns by this is read by asking for one more hidden item at the end (with_blank): that is the
// next one. Two readings, told apart by the token that stands for a hidden item:
//   - bidirectional models (BERT4Rec) see both sides of it; the token is the mask token, max_item + 1;
//   - causal models see only what comes before; the token is the padding, 0, as in the paper authors' code.
#pragma once

#include <cstdint>

#include "data/batch.h"

namespace cce {

struct MaskingOptions {
  double probability = 0.2;  ///< that an item is hidden
  int32_t token = 0;         ///< what stands in the place of a hidden item
  int max_length = 50;       ///< of a sequence in the result
};

/// The positions that are hidden in sequences with these offsets, ascending: int32 [P]. Each is with the
/// given probability, and in a sequence where none is, one chosen at random. A function of (seed, step), the
/// sequence's place in the batch, and the position's in the sequence. Throws unless the probability is above
/// 0 and at most 1.
Tensor hidden_rows(const Tensor& offsets_B1, double probability, uint64_t seed, uint32_t step);

/// The plan of the sequences in which items are hidden, the whole training sequences, from that of a training
/// batch: the inputs and, behind them, the last target, of which the last max_length items are kept.
BatchPlan with_last_target(const BatchPlan& training, int max_length);

/// The batch with one more item, `token`, at the end of each sequence, which then keeps its last max_length:
/// what a model trained on masked batches says there is its prediction of the next item. No targets.
Batch with_blank(const Batch& batch, int32_t token, int max_length);

}  // namespace cce
