// Linear layer and softmax cross-entropy: rows are worked off in chunks whose scores fit the GPU's
// second-level cache. Per chunk a product makes the scores, one kernel turns them in place into their
// derivatives (softmax minus the target's 1, over the number of rows), and two products make the gradients:
//   S = x table^T,   S <- dS,   dx = dS table,   dtable += dS^T x.
#include "engine/cuda/blas.h"
#include "engine/cuda/launch.h"
#include "engine/cuda/rows.h"
#include "engine/cuda/scratch.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

constexpr int64_t kChunkBytes = 24 << 20;
constexpr int kSumThreads = 1024;

/// One block, one row: its loss, log(sum of exp(score)) - the target's score, and with `differentiate` its
/// scores replaced by their derivatives times `scale`.
__global__ void softmax_rows_kernel(int64_t items, const int32_t* targets, float scale, bool differentiate,
                                    float* scores, float* losses) {
  const int64_t row = blockIdx.x;
  const int32_t target = targets[row];
  float* const s = scores + row * items;
  const float target_score = s[target];
  const float largest = row_largest(row, items, scores);
  // Also a barrier: nobody writes before everybody has read the target's score.
  const float total = row_total<float>(row, items, [=](int64_t i) { return std::exp(scores[i] - largest); });
  if (threadIdx.x == 0) losses[row] = std::log(total) - (target_score - largest);
  if (!differentiate) return;
  for (int64_t i = threadIdx.x; i < items; i += blockDim.x) {
    s[i] = (std::exp(s[i] - largest) / total - (i == target ? 1.0F : 0.0F)) * scale;
  }
}

/// *sum = scale * sum of the numbers, in double: one block.
__global__ void sum_kernel(int64_t count, double scale, const float* numbers, float* sum) {
  double total = 0;
  for (int64_t i = threadIdx.x; i < count; i += blockDim.x) total += static_cast<double>(numbers[i]);
  total = block_sum(total);
  if (threadIdx.x == 0) *sum = static_cast<float>(total * scale);
}

}  // namespace

void linear_cross_entropy_forward(int64_t rows, int64_t width, int64_t items, const float* x,
                                  const float* table, const int32_t* targets, float* loss, float* dx,
                                  float* dtable) {
  const int64_t row_bytes = items * static_cast<int64_t>(sizeof(float));
  const int64_t fitting = kChunkBytes / row_bytes < 1 ? 1 : kChunkBytes / row_bytes;
  const int64_t chunk = fitting < rows ? fitting : rows;
  const Scratch<float> scores(chunk * items), losses(rows);
  for (int64_t first = 0; first < rows; first += chunk) {
    const int64_t count = rows - first < chunk ? rows - first : chunk;
    const float* const x_chunk = x + first * width;
    gemm(count, items, width, {x_chunk, width}, {table, width, /*transposed=*/true}, scores.data(), items,
         false);
    launch({"linear_cross_entropy", count, kThreadsPerRow}, softmax_rows_kernel, items, targets + first,
           1.0F / static_cast<float>(rows), dx != nullptr, scores.data(), losses.data() + first);
    if (dx == nullptr) continue;
    gemm(count, width, items, {scores.data(), items}, {table, width}, dx + first * width, width, false);
    gemm(items, width, count, {scores.data(), items, /*transposed=*/true}, {x_chunk, width}, dtable, width,
         /*add=*/first > 0);
  }
  launch({"linear_cross_entropy", 1, kSumThreads}, sum_kernel, rows, 1.0 / static_cast<double>(rows),
         losses.data(), loss);
}

}  // namespace cce::cuda
