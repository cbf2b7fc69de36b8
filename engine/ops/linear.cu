// y = x W^T + b: products by cuBLAS, and the bias by two small kernels.
#include "engine/cuda/blas.h"
#include "engine/cuda/for_each.h"
#include "engine/cuda/scratch.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

constexpr int64_t kRowsPerPart = 64;  // of a partial sum of the bias's gradient

/// y[row, :] = bias, for the product to be added to.
struct SpreadBias {
  int64_t outputs;
  const float* bias;
  float* y;
  __device__ void operator()(int64_t i) const { y[i] = bias[i % outputs]; }
};

/// parts[part, o] = sum of dy[row, o] over 64 rows: one block, one part; one thread, one output.
__global__ void bias_parts_kernel(int64_t rows, int64_t outputs, const float* dy, float* parts) {
  const int64_t first = blockIdx.x * kRowsPerPart;
  const int64_t last = first + kRowsPerPart < rows ? first + kRowsPerPart : rows;
  for (int64_t o = threadIdx.x; o < outputs; o += blockDim.x) {
    float total = 0;
    for (int64_t row = first; row < last; ++row) total += dy[row * outputs + o];
    parts[blockIdx.x * outputs + o] = total;
  }
}

/// dbias[o] += the parts in their order.
struct AddParts {
  int64_t count, outputs;
  const float* parts;
  float* dbias;
  __device__ void operator()(int64_t o) const {
    float total = 0;
    for (int64_t part = 0; part < count; ++part) total += parts[part * outputs + o];
    dbias[o] += total;
  }
};

}  // namespace

void linear_forward(int64_t rows, int64_t width, int64_t outputs, const float* x, const float* weight,
                    const float* bias, float* y) {
  if (bias != nullptr) for_each("linear", rows * outputs, SpreadBias{outputs, bias, y});
  gemm(rows, outputs, width, {x, width}, {weight, width, /*transposed=*/true}, y, outputs, bias != nullptr);
}

void linear_backward_x(int64_t rows, int64_t width, int64_t outputs, const float* dy, const float* weight,
                       float* dx, bool add) {
  gemm(rows, width, outputs, {dy, outputs}, {weight, width}, dx, width, add);
}

void linear_backward_weight(int64_t rows, int64_t width, int64_t outputs, const float* x, const float* dy,
                            float* dweight, float* dbias) {
  if (dweight != nullptr) {
    gemm(outputs, width, rows, {dy, outputs, /*transposed=*/true}, {x, width}, dweight, width, /*add=*/true);
  }
  if (dbias == nullptr) return;
  const int64_t count = pieces(rows, kRowsPerPart);
  const Scratch<float> parts(count * outputs);
  launch({"linear, backward", count, 128}, bias_parts_kernel, rows, outputs, dy, parts.data());
  for_each("linear, backward", outputs, AddParts{count, outputs, parts.data(), dbias});
}

}  // namespace cce::cuda
