// A matrix with one column more: one thread, one element of the wider matrix.
#include "engine/cuda/for_each.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

/// y[N, W] = x[N, D], then the column, then zeros.
struct Forward {
  int64_t width, wider;
  const float *x, *column;
  float* y;
  __device__ void operator()(int64_t i) const {
    const int64_t row = i / wider, k = i % wider;
    y[i] = k < width ? x[row * width + k] : k == width ? column[row] : 0.0F;
  }
};

/// dx[N, D] += dy[:, :D] and dcolumn[N] += dy[:, D]; either may be null.
struct Backward {
  int64_t width, wider;
  const float* dy;
  float *dx, *dcolumn;
  __device__ void operator()(int64_t i) const {
    const int64_t row = i / wider, k = i % wider;
    if (k < width && dx != nullptr) dx[row * width + k] += dy[i];
    if (k == width && dcolumn != nullptr) dcolumn[row] += dy[i];
  }
};

}  // namespace

void append_column_forward(int64_t rows, int64_t width, int64_t wider, const float* x, const float* column,
                           float* y) {
  for_each("append_column", rows * wider, Forward{width, wider, x, column, y});
}

void append_column_backward(int64_t rows, int64_t width, int64_t wider, const float* dy, float* dx,
                            float* dcolumn) {
  for_each("append_column, backward", rows * wider, Backward{width, wider, dy, dx, dcolumn});
}

}  // namespace cce::cuda
