// The ranks of target_ranks.cu by tiles of scores, for rows that are narrow enough. Private to that file.
#pragma once

#include "engine/ops/cuda_ops.h"

namespace cce::cuda {

/// Whether it can be done: width a multiple of 4, at most 128.
bool can_count_tiles(int64_t width);

/// Adds to p.higher[row] and p.same[row] how many items (all of the table's) score higher than
/// p.target_scores[row], and how many the same.
void count_tiles(const RankProblem& p);

}  // namespace cce::cuda
