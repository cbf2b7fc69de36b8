// Batches made the plain way, by the CPU and one after another: what training plans and looks up
// (tools/step_batch.h) is compared with these.
#pragma once

#include <cstdint>
#include <vector>

#include "data/batch.h"
#include "data/masking.h"

namespace cce::test {

/// [T]: the user of each position.
std::vector<int32_t> users_of_positions(const Batch& batch);

/// Turns a batch of training (pack_training) into one of the cloze task. Its sequences are the whole training
/// sequences: the inputs and, behind them, the last target, of which the last max_length items are kept. Each
/// item is hidden with the given probability, and in a sequence where none is, one chosen at random; what was
/// hidden is the target there, and 0 is everywhere else. A function of (seed, step), the sequence's place in
/// the batch, and the item's in the sequence.
Batch masked(const Batch& training, const MaskingOptions& options, uint64_t seed, uint32_t step);

}  // namespace cce::test
