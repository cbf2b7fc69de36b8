// Sums over everything or over rows, and the softmax of rows: one block, one row. Sum and mean of
// everything are one block's, too.
#include "engine/cuda/for_each.h"
#include "engine/cuda/rows.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

/// y[row] = scale * sum of the row, added up in double.
__global__ void row_sum_kernel(int64_t cols, float scale, const float* x, float* y) {
  const int64_t row = blockIdx.x;
  const double total = row_total<double>(row, cols, [=](int64_t i) { return static_cast<double>(x[i]); });
  if (threadIdx.x == 0) y[row] = static_cast<float>(total) * scale;
}

/// dx[row, :] += scale * dy[row].
struct RowSumBackward {
  int64_t cols;
  float scale;
  const float* dy;
  float* dx;
  __device__ void operator()(int64_t i) const { dx[i] += scale * dy[i / cols]; }
};

/// The numbers that a sum or a mean is taken of: those of the rows that count.
struct Counted {
  CountedRows rows;
  int64_t cols;
  bool mean;
  __device__ int64_t size() const { return rows.count() * cols; }
  __device__ float scale() const {
    return mean ? static_cast<float>(1.0 / static_cast<double>(size())) : 1.0F;
  }
};

/// *y = the sum or the mean, added up in double.
__global__ void total_kernel(Counted counted, const float* x, float* y) {
  const double total =
      row_total<double>(0, counted.size(), [=](int64_t i) { return static_cast<double>(x[i]); });
  if (threadIdx.x == 0) *y = static_cast<float>(total) * counted.scale();
}

/// dx += dy, or dy / size, where numbers count.
struct TotalBackward {
  Counted counted;
  const float* dy;
  float* dx;
  __device__ void operator()(int64_t i) const {
    if (i < counted.size()) dx[i] += counted.scale() * *dy;
  }
};

/// y = exp(x - largest) / sum of the same.
__global__ void row_softmax_kernel(int64_t cols, const float* x, float* y) {
  const int64_t row = blockIdx.x;
  const float largest = row_largest(row, cols, x);
  const float total = row_total<float>(row, cols, [=](int64_t i) { return y[i] = std::exp(x[i] - largest); });
  // Each thread divides what it wrote itself.
  for (int64_t col = threadIdx.x; col < cols; col += blockDim.x) y[row * cols + col] /= total;
}

/// dx += y (dy - sum over the row of y dy).
__global__ void row_softmax_backward_kernel(int64_t cols, const float* y, const float* dy, float* dx) {
  const int64_t row = blockIdx.x;
  const float dot = row_total<float>(row, cols, [=](int64_t i) { return y[i] * dy[i]; });
  for (int64_t col = threadIdx.x; col < cols; col += blockDim.x) {
    const int64_t i = row * cols + col;
    dx[i] += y[i] * (dy[i] - dot);
  }
}

}  // namespace

void row_sum_forward(int64_t rows, int64_t cols, float scale, const float* x, float* y) {
  launch({"row_sum", rows, kThreadsPerRow}, row_sum_kernel, cols, scale, x, y);
}

void row_sum_backward(int64_t rows, int64_t cols, float scale, const float* dy, float* dx) {
  for_each("row_sum, backward", rows * cols, RowSumBackward{cols, scale, dy, dx});
}

void total_forward(int64_t rows, int64_t cols, const int32_t* rows_in_use, bool mean, const float* x,
                   float* y) {
  launch({mean ? "mean" : "sum", 1, kThreadsPerRow}, total_kernel, Counted{{rows, rows_in_use}, cols, mean},
         x, y);
}

void total_backward(int64_t rows, int64_t cols, const int32_t* rows_in_use, bool mean, const float* dy,
                    float* dx) {
  for_each(mean ? "mean, backward" : "sum, backward", rows * cols,
           TotalBackward{{{rows, rows_in_use}, cols, mean}, dy, dx});
}

void row_softmax_forward(int64_t rows, int64_t cols, const float* x, float* y) {
  launch({"row_softmax", rows, kThreadsPerRow}, row_softmax_kernel, cols, x, y);
}

void row_softmax_backward(int64_t rows, int64_t cols, const float* y, const float* dy, float* dx) {
  launch({"row_softmax, backward", rows, kThreadsPerRow}, row_softmax_backward_kernel, cols, y, dy, dx);
}

}  // namespace cce::cuda
