// Linear layer and binary cross-entropy over many labels: rows in chunks, as in linear_cross_entropy.cu, with
// another kernel between the products:
//   Z = x table^T,   Z <- dZ = sigmoid(Z) - labels,   dx = dZ table,   dtable += dZ^T x.
#include "engine/cuda/blas.h"
#include "engine/cuda/launch.h"
#include "engine/cuda/rows.h"
#include "engine/cuda/scratch.h"
#include "engine/ops/cuda_ops.h"
#include "engine/ops/formulas.h"

namespace cce::cuda {
namespace {

constexpr int64_t kChunkBytes = 24 << 20;
constexpr int kSumThreads = 1024;

/// One block, one row: its loss, the sum of log(1 + e^z) minus the sum of its labels' z, and with
/// `differentiate` its scores replaced by their derivatives. Zeros where the row does not count. `sets` and
/// `losses` begin with the first row of the chunk, whose number is `first`.
__global__ void sigmoid_rows_kernel(int64_t first, CountedRows counted, int64_t labels, const int32_t* sets,
                                    const int32_t* set_offsets, const int32_t* label_ids, bool differentiate,
                                    float* scores, double* losses) {
  const int64_t row = blockIdx.x;
  float* const z = scores + row * labels;
  if (first + row >= counted.count()) {
    if (threadIdx.x == 0) losses[row] = 0;
    if (!differentiate) return;
    for (int64_t i = threadIdx.x; i < labels; i += blockDim.x) z[i] = 0;
    return;
  }
  const int32_t begin = set_offsets[sets[row]], end = set_offsets[sets[row] + 1];
  // log(1 + e^z) = -log(sigmoid(-z))
  double loss = row_total<double>(
      row, labels, [=](int64_t i) { return -static_cast<double>(formulas::LogSigmoid::value(-scores[i])); });
  double of_labels = 0;
  const auto own = static_cast<int32_t>(threadIdx.x), step = static_cast<int32_t>(blockDim.x);
  for (int32_t at = begin + own; at < end; at += step) of_labels += static_cast<double>(z[label_ids[at]]);
  loss -= block_sum(of_labels);
  if (threadIdx.x == 0) losses[row] = loss;
  if (!differentiate) return;
  for (int64_t i = threadIdx.x; i < labels; i += blockDim.x) z[i] = formulas::Sigmoid::value(z[i]);
  __syncthreads();
  for (int32_t at = begin + own; at < end; at += step) z[label_ids[at]] -= 1.0F;  // a row has each label once
}

/// *sum = sum of the numbers: one block.
__global__ void sum_kernel(int64_t count, const double* numbers, float* sum) {
  double total = 0;
  for (int64_t i = threadIdx.x; i < count; i += blockDim.x) total += numbers[i];
  total = block_sum(total);
  if (threadIdx.x == 0) *sum = static_cast<float>(total);
}

}  // namespace

void linear_multi_label_forward(int64_t rows, int64_t width, int64_t labels, const int32_t* rows_in_use,
                                const float* x, const float* table, const int32_t* sets,
                                const int32_t* set_offsets, const int32_t* label_ids, float* loss, float* dx,
                                float* dtable) {
  const int64_t row_bytes = labels * static_cast<int64_t>(sizeof(float));
  const int64_t fitting = kChunkBytes / row_bytes < 1 ? 1 : kChunkBytes / row_bytes;
  const int64_t chunk = fitting < rows ? fitting : rows;
  const Scratch<float> scores(chunk * labels);
  const Scratch<double> losses(rows);
  for (int64_t first = 0; first < rows; first += chunk) {
    const int64_t count = rows - first < chunk ? rows - first : chunk;
    const float* const x_chunk = x + first * width;
    gemm(count, labels, width, {x_chunk, width}, {table, width, /*transposed=*/true}, scores.data(), labels,
         false);
    launch({"linear_multi_label", count, kThreadsPerRow}, sigmoid_rows_kernel, first,
           CountedRows{rows, rows_in_use}, labels, sets + first, set_offsets, label_ids, dx != nullptr,
           scores.data(), losses.data() + first);
    if (dx == nullptr) continue;
    gemm(count, width, labels, {scores.data(), labels}, {table, width}, dx + first * width, width, false);
    gemm(labels, width, count, {scores.data(), labels, /*transposed=*/true}, {x_chunk, width}, dtable, width,
         /*add=*/first > 0);
  }
  launch({"linear_multi_label", 1, kSumThreads}, sum_kernel, rows, losses.data(), loss);
}

}  // namespace cce::cuda
