// Layer normalisation: one warp, one row. The lanes of a warp take every 32nd element of the row; rows are
// short (64 numbers, say), so a block does several.
#include "engine/cuda/launch.h"
#include "engine/cuda/reduce.h"
#include "engine/cuda/scratch.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

constexpr int kRowsPerBlock = 8;      // one warp each
constexpr int64_t kRowsPerPart = 64;  // of a partial sum of the gradients of weight and bias

__device__ int64_t row_of_warp() {
  return static_cast<int64_t>(blockIdx.x) * kRowsPerBlock + threadIdx.x / kWarp;
}

/// The sum over a row of f(k); every lane gets it.
template <class F>
__device__ float row_total(int64_t width, F f) {
  float total = 0;
  for (int64_t k = lane_of_thread(); k < width; k += kWarp) total += f(k);
  return warp_sum(total);
}

/// y = (x - mean) rstd weight + bias, with rstd = 1 / sqrt(variance + eps).
__global__ void forward_kernel(int64_t rows, int64_t width, float eps, const float* x, const float* weight,
                               const float* bias, float* y, float* mean, float* rstd) {
  const int64_t row = row_of_warp();
  if (row >= rows) return;
  const float* const in = x + row * width;
  float* const out = y + row * width;
  const float m = row_total(width, [=](int64_t k) { return in[k]; }) / static_cast<float>(width);
  const float v =
      row_total(width, [=](int64_t k) { return (in[k] - m) * (in[k] - m); }) / static_cast<float>(width);
  const float s = 1.0F / std::sqrt(v + eps);
  for (int64_t k = lane_of_thread(); k < width; k += kWarp) out[k] = (in[k] - m) * s * weight[k] + bias[k];
  if (lane_of_thread() == 0) mean[row] = m, rstd[row] = s;
}

/// With n the normalised row and g = dy weight: dx = (g - mean(g) - n mean(g n)) rstd, or is added to.
__global__ void backward_x_kernel(int64_t rows, int64_t width, const float* x, const float* weight,
                                  const float* mean, const float* rstd, const float* dy, float* dx,
                                  bool add) {
  const int64_t row = row_of_warp();
  if (row >= rows) return;
  const float *const in = x + row * width, *const d = dy + row * width;
  const float m = mean[row], s = rstd[row];
  const float mean_g =
      row_total(width, [=](int64_t k) { return d[k] * weight[k]; }) / static_cast<float>(width);
  const float mean_gn = row_total(width, [=](int64_t k) { return d[k] * weight[k] * (in[k] - m) * s; }) /
                        static_cast<float>(width);
  for (int64_t k = lane_of_thread(); k < width; k += kWarp) {
    const float before = add ? dx[row * width + k] : 0.0F;
    dx[row * width + k] = before + (d[k] * weight[k] - mean_g - (in[k] - m) * s * mean_gn) * s;
  }
}

/// parts[part, 0, k] = sum of dy n and parts[part, 1, k] = sum of dy over 64 rows: one block, one part; one
/// thread, one column. Neighbouring threads read neighbouring numbers.
__global__ void weight_parts_kernel(int64_t rows, int64_t width, const float* x, const float* mean,
                                    const float* rstd, const float* dy, float* parts) {
  const int64_t first = blockIdx.x * kRowsPerPart;
  const int64_t last = first + kRowsPerPart < rows ? first + kRowsPerPart : rows;
  for (int64_t k = threadIdx.x; k < width; k += blockDim.x) {
    float dw = 0, db = 0;
    for (int64_t row = first; row < last; ++row) {
      const int64_t i = row * width + k;
      dw += dy[i] * (x[i] - mean[row]) * rstd[row];
      db += dy[i];
    }
    parts[blockIdx.x * 2 * width + k] = dw;
    parts[(blockIdx.x * 2 + 1) * width + k] = db;
  }
}

/// The parts added up in their order, onto dweight and dbias, either of which may be null. One thread, one
/// column.
__global__ void add_parts_kernel(int64_t count, int64_t width, const float* parts, float* dweight,
                                 float* dbias) {
  const int64_t k = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (k >= width) return;
  float dw = 0, db = 0;
  for (int64_t part = 0; part < count; ++part) {
    dw += parts[part * 2 * width + k];
    db += parts[(part * 2 + 1) * width + k];
  }
  if (dweight != nullptr) dweight[k] += dw;
  if (dbias != nullptr) dbias[k] += db;
}

}  // namespace

void layer_norm_forward(int64_t rows, int64_t width, double eps, const float* x, const float* weight,
                        const float* bias, float* y, float* mean, float* rstd) {
  launch({"layer_norm", pieces(rows, kRowsPerBlock), kRowsPerBlock * kWarp}, forward_kernel, rows, width, eps,
         x, weight, bias, y, mean, rstd);
}

void layer_norm_backward_x(int64_t rows, int64_t width, const float* x, const float* weight,
                           const float* mean, const float* rstd, const float* dy, float* dx, bool add) {
  launch({"layer_norm, backward", pieces(rows, kRowsPerBlock), kRowsPerBlock * kWarp}, backward_x_kernel,
         rows, width, x, weight, mean, rstd, dy, dx, add);
}

void layer_norm_backward_weight(int64_t rows, int64_t width, const float* x, const float* mean,
                                const float* rstd, const float* dy, float* dweight, float* dbias) {
  const int64_t count = pieces(rows, kRowsPerPart);
  const Scratch<float> parts(count * 2 * width);
  launch({"layer_norm, backward", count, 128}, weight_parts_kernel, rows, width, x, mean, rstd, dy,
         parts.data());
  launch({"layer_norm, backward", pieces(width, 128), 128}, add_parts_kernel, count, width, parts.data(),
         dweight, dbias);
}

}  // namespace cce::cuda
