// Matrix products on the GPU: cuBLAS, loaded when a GPU is looked for and found, so that a program that is
// told to compute on the CPU neither waits for it nor needs it.
//
// cuBLAS sees matrices column by column, this engine row by row: a row-major C = A B is a column-major C^T =
// B^T A^T, so the operands change places and nothing is copied.
#pragma once

#include <cstdint>

#include "engine/device.h"

namespace cce::cuda {

/// A row-major matrix as it lies in memory, read as it is or transposed.
struct Operand {
  const float* data;
  int64_t row;  ///< elements from one row in memory to the next
  bool transposed = false;
};

/// C[rows, cols] = A[rows, depth] B[depth, cols], or C += A B with `add`. `c_row` is C's row stride. Sums are
/// float32 and always taken in the same order; how factors are rounded is set_precision()'s.
void gemm(int64_t rows, int64_t cols, int64_t depth, Operand a, Operand b, float* c, int64_t c_row, bool add);

}  // namespace cce::cuda
