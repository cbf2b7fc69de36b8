// The items that score highest, for so many rows at a time that their scores fit the GPU's second-level
// cache: all scores are computed, the same chains of fused multiply-adds as everywhere (see target_ranks.cu);
// then a block for each row finds the score of the last item to keep, digit by digit (radix select), and
// collects what is better. Of items that score as much as the last one, the lower ids are kept.
#include "engine/cuda/block_rows.h"
#include "engine/cuda/launch.h"
#include "engine/cuda/reduce.h"
#include "engine/cuda/scratch.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

constexpr int64_t kChunkBytes = 24 << 20;
constexpr int kThreads = 256;
constexpr int64_t kItemsPerBlock = 1024;
constexpr int64_t kMostRows = 1 << 16;  // in a chunk, an eighth of what a grid could have
constexpr int kBits = 8, kDigits = 1 << kBits;

/// scores[row, item] for a block's rows and a stretch of items: one thread, one item at a time. Padding and
/// mask token get the lowest.
template <bool kShared>
__global__ void scores_kernel(int64_t rows, int64_t width, int64_t items, const float* x, const float* table,
                              float* scores) {
  const int64_t first_row = blockIdx.y * static_cast<int64_t>(kBlockRows);
  const int64_t first = blockIdx.x * kItemsPerBlock;
  const int64_t last = first + kItemsPerBlock < items ? first + kItemsPerBlock : items;
  const BlockRows<kShared> x_rows(rows, width, first_row, x);
  for (int64_t item = first + threadIdx.x; item < last; item += blockDim.x) {
    float score[kBlockRows] = {};
    for (int64_t k = 0; k < width; ++k) {
      const float w = table[item * width + k];
      for (int r = 0; r < kBlockRows; ++r) score[r] = fmaf(x_rows.at(r, k), w, score[r]);
    }
    const bool candidate = item > 0 && item < items - 1;
    for (int r = 0; r < kBlockRows && first_row + r < rows; ++r)
      scores[(first_row + r) * items + item] = candidate ? score[r] : -INFINITY;
  }
}

/// What a row has seen scores `score`. One block, one row.
__global__ void seen_kernel(int64_t items, const int32_t* offsets, const int32_t* seen, float score,
                            float* scores) {
  const int64_t row = blockIdx.x;
  for (int32_t at = offsets[row] + static_cast<int32_t>(threadIdx.x); at < offsets[row + 1];
       at += static_cast<int32_t>(blockDim.x))
    scores[row * items + seen[at]] = score;
}

/// Orders as scores do; NaN before all others.
__device__ uint32_t key_of(float score) {
  if (score != score) return 0;
  const uint32_t bits = __float_as_uint(score + 0.0F);  // -0 becomes 0
  return (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
}

/// The key of the last item to keep, and how many of those with just this key are kept.
struct Last {
  uint32_t key;
  int32_t equals;
};

/// All threads of the block call it, and get the same.
__device__ Last find_last(int64_t items, int32_t count, const float* scores) {
  __shared__ int32_t counts[kDigits];
  __shared__ Last found;
  Last last{0, count};
  for (int shift = 32 - kBits; shift >= 0; shift -= kBits) {
    const uint32_t known = shift + kBits == 32 ? 0 : ~0u << (shift + kBits);
    for (int digit = static_cast<int>(threadIdx.x); digit < kDigits; digit += kThreads) counts[digit] = 0;
    __syncthreads();
    for (int64_t i = threadIdx.x; i < items; i += kThreads) {
      const uint32_t key = key_of(scores[i]);
      if ((key & known) == last.key) atomicAdd(&counts[key >> shift & (kDigits - 1)], 1);
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      uint32_t digit = kDigits - 1;
      int32_t wanted = last.equals;
      for (; counts[digit] < wanted; --digit) wanted -= counts[digit];
      found = {last.key | digit << shift, wanted};
    }
    __syncthreads();
    last = found;
  }
  return last;
}

/// For each thread of the block, the sum of what threads before it bring, and in `total` that of all.
__device__ int32_t sum_before(int32_t mine, int32_t& total) {
  __shared__ int32_t sums[kThreads];
  sums[threadIdx.x] = mine;
  __syncthreads();
  for (unsigned distance = 1; distance < kThreads; distance *= 2) {
    const int32_t left = threadIdx.x >= distance ? sums[threadIdx.x - distance] : 0;
    __syncthreads();
    sums[threadIdx.x] += left;
    __syncthreads();
  }
  const int32_t before = sums[threadIdx.x] - mine;
  total = sums[kThreads - 1];
  __syncthreads();  // sums may be written again
  return before;
}

/// One block, one row: its best `count` items, first those better than the last one, by id.
__global__ void select_kernel(int64_t items, int32_t count, const float* scores, int32_t* best_items,
                              float* best_scores) {
  const int64_t row = blockIdx.x;
  const float* const s = scores + row * items;
  const Last last = find_last(items, count, s);
  int32_t better_so_far = 0, equal_so_far = 0;
  constexpr int32_t kEqual = 1 << 16;  // two numbers in one: both stay below 257
  for (int64_t first = 0; first < items; first += kThreads) {
    const int64_t item = first + threadIdx.x;
    const uint32_t key = item < items ? key_of(s[item]) : 0;
    const bool better = item < items && key > last.key, equal = item < items && key == last.key;
    int32_t total;
    const int32_t before = sum_before((better ? 1 : 0) + (equal ? kEqual : 0), total);
    const int32_t equal_place = equal_so_far + before / kEqual;
    if (better || (equal && equal_place < last.equals)) {
      const int32_t place = better ? better_so_far + before % kEqual : count - last.equals + equal_place;
      best_items[row * count + place] = static_cast<int32_t>(item);
      best_scores[row * count + place] = s[item];
    }
    better_so_far += total % kEqual, equal_so_far += total / kEqual;
  }
}

}  // namespace

void find_top_items(const TopProblem& p) {
  const int64_t fitting = kChunkBytes / (p.items * static_cast<int64_t>(sizeof(float)));
  const int64_t most = fitting < 1 ? 1 : fitting < kMostRows ? fitting : kMostRows;
  const int64_t chunk = most < p.rows ? most : p.rows;
  const Scratch<float> scores(chunk * p.items);
  for (int64_t first = 0; first < p.rows; first += chunk) {
    const int64_t rows = p.rows - first < chunk ? p.rows - first : chunk;
    launch({"top_items", pieces(p.items, kItemsPerBlock), kThreads, pieces(rows, kBlockRows),
            block_rows_bytes(p.width)},
           p.width <= kWidestShared ? scores_kernel<true> : scores_kernel<false>, rows, p.width, p.items,
           p.x + first * p.width, p.table, scores.data());
    if (!p.keep) {
      launch({"top_items", rows, kThreads}, seen_kernel, p.items, p.seen_offsets + first, p.seen,
             p.zero ? 0.0F : -INFINITY, scores.data());
    }
    launch({"top_items", rows, kThreads}, select_kernel, p.items, static_cast<int32_t>(p.count),
           static_cast<const float*>(scores.data()), p.best_items + first * p.count,
           p.best_scores + first * p.count);
  }
}

}  // namespace cce::cuda
