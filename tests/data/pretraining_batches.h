// Batches of pre-training as they are made on the CPU.
#pragma once

#include "data/pretraining.h"
#include "engine/parallel.h"

namespace cce::test {

/// Batch `index` of `epoch`, with the random numbers of step `step`, of batches with this seed.
inline PretrainingBatch batch_of(PretrainingBatches& batches, uint32_t epoch, int64_t index, uint32_t step,
                                 uint64_t seed = PretrainingOptions().seed) {
  Parallel parallel(1);
  return batches.batch({.parallel = parallel, .seed = seed, .step = step}, batches.plan(epoch, index, step));
}

}  // namespace cce::test
