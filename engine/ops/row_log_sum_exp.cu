// The logarithm of a softmax's denominator, row by row: one block, one row.
#include "engine/cuda/for_each.h"
#include "engine/cuda/rows.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

/// y[row] = largest + log(sum of exp(x - largest)).
__global__ void row_log_sum_exp_kernel(int64_t cols, const float* x, float* y) {
  const int64_t row = blockIdx.x;
  const float largest = row_largest(row, cols, x);
  const float total = row_total<float>(row, cols, [=](int64_t i) { return std::exp(x[i] - largest); });
  if (threadIdx.x == 0) y[row] = largest + std::log(total);
}

/// dx += dy[row] exp(x - y[row]).
struct LogSumExpBackward {
  int64_t cols;
  const float *x, *y, *dy;
  float* dx;
  __device__ void operator()(int64_t i) const {
    const int64_t row = i / cols;
    dx[i] += dy[row] * std::exp(x[i] - y[row]);
  }
};

}  // namespace

void row_log_sum_exp_forward(int64_t rows, int64_t cols, const float* x, float* y) {
  launch({"row_log_sum_exp", rows, kThreadsPerRow}, row_log_sum_exp_kernel, cols, x, y);
}

void row_log_sum_exp_backward(int64_t rows, int64_t cols, const float* x, const float* y, const float* dy,
                              float* dx) {
  for_each("row_log_sum_exp, backward", rows * cols, LogSumExpBackward{cols, x, y, dy, dx});
}

}  // namespace cce::cuda
