// Where the right item stands among all candidates, counted without ever storing or sorting scores.
//
// A score is one chain of fused multiply-adds over the width, in order, wherever it is computed here and on
// the CPU: so an item compared with itself is equal to the last bit, and both devices count the same ranks
// for the same numbers. Counts are integers; it does not matter in which order they are added up. Most rows
// are counted by tiles (target_ranks_tiled.cu), those that are too wide or of an odd width by count_kernel.
#include "engine/cuda/block_rows.h"
#include "engine/cuda/for_each.h"
#include "engine/cuda/reduce.h"
#include "engine/ops/cuda_ops.h"
#include "engine/ops/target_ranks_tiled.h"

namespace cce::cuda {
namespace {

constexpr int kThreads = 128;
constexpr int64_t kItemsPerBlock = 1024;
constexpr int kWarpsPerBlock = 8;

__device__ float score(int64_t width, const float* x, const float* w) {
  float total = 0;
  for (int64_t k = 0; k < width; ++k) total = fmaf(x[k], w[k], total);
  return total;
}

/// scores[row] = x[row] . table[targets[row]], and 0 where the target was seen and counts as 0. One thread,
/// one row.
struct TargetScores {
  int64_t width;
  const float *x, *table;
  const int32_t* targets;
  const int32_t* zeroed;
  float *scores, *plain;
  __device__ void operator()(int64_t row) const {
    plain[row] = score(width, x + row * width, table + targets[row] * width);
    scores[row] = zeroed[row] != 0 ? 0.0F : plain[row];
  }
};

/// counts[row] += how many items of the block's stretch score higher than the target, and how many the same:
/// one thread, one item at a time, compared with the block's rows.
template <bool kShared>
__global__ void count_kernel(int64_t rows, int64_t width, int64_t items, const float* x, const float* table,
                             const float* targets, int32_t* higher, int32_t* same) {
  const int64_t first_row = blockIdx.y * static_cast<int64_t>(kBlockRows);
  const int64_t first = blockIdx.x * kItemsPerBlock;
  const int64_t last = first + kItemsPerBlock < items ? first + kItemsPerBlock : items;
  const BlockRows<kShared> x_rows(rows, width, first_row, x);
  float target[kBlockRows];
  int32_t higher_here[kBlockRows] = {}, same_here[kBlockRows] = {};
  for (int r = 0; r < kBlockRows; ++r) target[r] = first_row + r < rows ? targets[first_row + r] : 0.0F;
  for (int64_t item = first + threadIdx.x; item < last; item += blockDim.x) {
    float scores[kBlockRows] = {};
    for (int64_t k = 0; k < width; ++k) {
      const float w = table[item * width + k];
      for (int r = 0; r < kBlockRows; ++r) scores[r] = fmaf(x_rows.at(r, k), w, scores[r]);
    }
    for (int r = 0; r < kBlockRows; ++r) {
      higher_here[r] += scores[r] > target[r] ? 1 : 0;
      same_here[r] += scores[r] == target[r] ? 1 : 0;
    }
  }
  for (int r = 0; r < kBlockRows; ++r) {
    const int32_t all_higher = block_sum(higher_here[r]), all_same = block_sum(same_here[r]);
    if (threadIdx.x == 0 && first_row + r < rows) {
      atomicAdd(&higher[first_row + r], all_higher);
      atomicAdd(&same[first_row + r], all_same);
    }
  }
}

/// Takes the items that are no candidates out of the counts: padding, mask token, and what the row has seen
/// (which with `zero` comes back with the score 0). One warp, one row; lanes take seen items.
__global__ void adjust_kernel(int64_t rows, int64_t width, int64_t items, const float* x, const float* table,
                              const float* targets, const int32_t* seen_offsets, const int32_t* seen,
                              bool keep, bool zero, int32_t* higher, int32_t* same) {
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
  if (row >= rows) return;
  const float target = targets[row];
  int32_t higher_less = 0, same_less = 0;
  const auto take_out = [&](int64_t item) {
    const float s = score(width, x + row * width, table + item * width);
    higher_less += s > target ? 1 : 0;
    same_less += s == target ? 1 : 0;
  };
  const int32_t* const had = seen + seen_offsets[row];
  const int64_t count = keep ? 0 : seen_offsets[row + 1] - seen_offsets[row];
  for (int64_t i = lane_of_thread(); i < 2 + count; i += kWarp) {
    take_out(i == 0 ? 0 : i == 1 ? items - 1 : had[i - 2]);
    if (!zero || i < 2) continue;
    higher_less -= 0.0F > target ? 1 : 0;
    same_less -= 0.0F == target ? 1 : 0;
  }
  higher_less = warp_sum(higher_less), same_less = warp_sum(same_less);
  if (lane_of_thread() != 0) return;
  higher[row] -= higher_less, same[row] -= same_less;
}

}  // namespace

void count_target_ranks(const RankProblem& p) {
  for_each("target_ranks", p.rows,
           TargetScores{p.width, p.x, p.table, p.targets, p.zeroed, p.target_scores, p.plain_scores});
  if (can_count_tiles(p.width)) {
    count_tiles(p);
  } else {
    launch({"target_ranks", pieces(p.items, kItemsPerBlock), kThreads, pieces(p.rows, kBlockRows),
            block_rows_bytes(p.width)},
           p.width <= kWidestShared ? count_kernel<true> : count_kernel<false>, p.rows, p.width, p.items, p.x,
           p.table, p.target_scores, p.higher, p.same);
  }
  launch({"target_ranks", pieces(p.rows, kWarpsPerBlock), kWarpsPerBlock * kWarp}, adjust_kernel, p.rows,
         p.width, p.items, p.x, p.table, p.target_scores, p.seen_offsets, p.seen, p.keep, p.zero, p.higher,
         p.same);
}

}  // namespace cce::cuda
