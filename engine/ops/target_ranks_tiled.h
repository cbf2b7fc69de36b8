// The ranks of target_ranks.cu by tiles of scores, for rows that are narrow enough. Private to that file.
#pragma once

#include "engine/ops/cuda_ops.h"

namespace cce::cuda {

/// Whether it can be done: width a multiple of 4, at most 128.
bool can_count_tiles(int64_t width);

/// Adds to p.higher[row] and p.same[row] how many items (all of the table's) score higher than
/// p.target_scores[row], and how many the same. About so many blocks share the items of all tiles of rows: by
/// default a few times as many as the largest GPUs hold at once, so that few are left to work alone at the
/// end.
void count_tiles(const RankProblem& p, int64_t blocks = 1056);

}  // namespace cce::cuda
