// What kernels do that give a block of threads to each row of a matrix: the threads take every 256th element,
// then add up in a fixed order (reduce.h).
#pragma once

#include "engine/counted_rows.h"
#include "engine/cuda/reduce.h"

namespace cce::cuda {

constexpr int kThreadsPerRow = 256;

/// The sum over a row of f(i), where i counts elements of the whole matrix; every thread gets it.
template <class T, class F>
__device__ T row_total(int64_t row, int64_t cols, F f) {
  T total = 0;
  for (int64_t col = threadIdx.x; col < cols; col += blockDim.x) total += f(row * cols + col);
  return block_sum(total);
}

/// The largest element of a row; every thread gets it.
__device__ inline float row_largest(int64_t row, int64_t cols, const float* x) {
  float largest = x[row * cols];
  for (int64_t col = threadIdx.x; col < cols; col += blockDim.x) {
    const float value = x[row * cols + col];
    largest = largest < value ? value : largest;
  }
  return block_max(largest);
}

}  // namespace cce::cuda
