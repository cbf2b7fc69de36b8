// Linear layer and softmax cross-entropy, in one of two forms.
//
// Fused (linear_cross_entropy_fused.cu): scores never leave registers. On tensor cores, so with tf32 and
// bf16, this is the way whenever it can be: it reads and writes what it must, in four kernels.
//
// In chunks (here): rows are worked off so many at a time that their scores fit the GPU's second-level cache.
// Per chunk a product makes the scores, one kernel turns them in place into their derivatives (softmax minus
// the target's 1, over the number of rows), and two products make the gradients:
//   S = x table^T,   S <- dS,   dx = dS table,   dtable += dS^T x.
// With fp32, where arithmetic is what takes the time and the fused form has four products for these three,
// this is the way until there are so many items that a chunk holds too few rows for a product.
#include "engine/cuda/blas.h"
#include "engine/cuda/launch.h"
#include "engine/cuda/rows.h"
#include "engine/cuda/scratch.h"
#include "engine/ops/cuda_ops.h"
#include "engine/ops/linear_cross_entropy_fused.h"

namespace cce::cuda {
namespace {

constexpr int64_t kChunkBytes = 24 << 20;
constexpr int64_t kFewRows = 128;  // in a chunk: with more than 49,152 items
constexpr int kSumThreads = 1024;

/// One block, one row: its loss, log(sum of exp(score)) - the target's score, and with `differentiate` its
/// scores replaced by their derivatives over the number of rows that count. `first` is the first block's row;
/// derivatives of a row that does not count are 0.
__global__ void softmax_rows_kernel(int64_t items, const int32_t* targets, int64_t first, CountedRows counted,
                                    bool differentiate, float* scores, float* losses) {
  const int64_t row = blockIdx.x;
  const int32_t target = targets[row];
  float* const s = scores + row * items;
  const float target_score = s[target];
  const float largest = row_largest(row, items, scores);
  // Also a barrier: nobody writes before everybody has read the target's score.
  const float total = row_total<float>(row, items, [=](int64_t i) { return std::exp(scores[i] - largest); });
  if (threadIdx.x == 0) losses[row] = std::log(total) - (target_score - largest);
  if (!differentiate) return;
  const int64_t count = counted.count();
  const float scale = 1.0F / static_cast<float>(count);
  for (int64_t i = threadIdx.x; i < items; i += blockDim.x) {
    const float derivative = (std::exp(s[i] - largest) / total - (i == target ? 1.0F : 0.0F)) * scale;
    s[i] = first + row < count ? derivative : 0.0F;
  }
}

/// *mean = the mean of the numbers that count, in double: one block.
__global__ void mean_kernel(CountedRows counted, const float* numbers, float* mean) {
  const int64_t count = counted.count();
  double total = 0;
  for (int64_t i = threadIdx.x; i < count; i += blockDim.x) total += static_cast<double>(numbers[i]);
  total = block_sum(total);
  if (threadIdx.x == 0) *mean = static_cast<float>(total * (1.0 / static_cast<double>(count)));
}

/// How many rows' scores fit.
int64_t rows_of_chunk(int64_t items) {
  const int64_t fitting = kChunkBytes / (items * static_cast<int64_t>(sizeof(float)));
  return fitting < 1 ? 1 : fitting;
}

bool is_fused_better(int64_t width, int64_t items) {
  return can_fuse_softmax(width) && (precision() != Precision::fp32 || rows_of_chunk(items) < kFewRows);
}

/// losses[row], and unless dx is null the gradients of their mean.
void softmax_in_chunks(const SoftmaxProblem& p) {
  const int64_t fitting = rows_of_chunk(p.items), chunk = fitting < p.rows ? fitting : p.rows;
  const Scratch<float> scores(chunk * p.items);
  for (int64_t first = 0; first < p.rows; first += chunk) {
    const int64_t count = p.rows - first < chunk ? p.rows - first : chunk;
    const float* const x_chunk = p.x + first * p.width;
    gemm(count, p.items, p.width, {x_chunk, p.width}, {p.table, p.width, /*transposed=*/true}, scores.data(),
         p.items, false);
    launch({"linear_cross_entropy", count, kThreadsPerRow}, softmax_rows_kernel, p.items, p.targets + first,
           first, CountedRows{p.rows, p.rows_in_use}, p.dx != nullptr, scores.data(), p.losses + first);
    if (p.dx == nullptr) continue;
    gemm(count, p.width, p.items, {scores.data(), p.items}, {p.table, p.width}, p.dx + first * p.width,
         p.width, false);
    gemm(p.items, p.width, count, {scores.data(), p.items, /*transposed=*/true}, {x_chunk, p.width}, p.dtable,
         p.width, /*add=*/first > 0);
  }
}

}  // namespace

void linear_cross_entropy_forward(int64_t rows, int64_t width, int64_t items, const int32_t* rows_in_use,
                                  const float* x, const float* table, const int32_t* targets, float* loss,
                                  float* dx, float* dtable) {
  const Scratch<float> losses(rows);
  const SoftmaxProblem problem{rows, width, items, rows_in_use, x, table, targets, losses.data(), dx, dtable};
  if (is_fused_better(width, items)) {
    fused_softmax(precision(), problem);
  } else {
    softmax_in_chunks(problem);
  }
  launch({"linear_cross_entropy", 1, kSumThreads}, mean_kernel, CountedRows{rows, rows_in_use}, losses.data(),
         loss);
}

}  // namespace cce::cuda
