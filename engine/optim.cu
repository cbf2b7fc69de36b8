// Adam: one thread, one weight; everything that is done to it in one pass. And the norm of all gradients, for
// clipping.
#include "engine/cuda/for_each.h"
#include "engine/cuda/reduce.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

constexpr int kThreads = 256;

struct Update {
  AdamNumbers step;
  const float *gradient_scale, *grad;
  float *m, *v, *w;
  __device__ void operator()(int64_t i) const {
    const float scale = gradient_scale == nullptr ? 1.0F : *gradient_scale;
    const float g = grad[i] * scale + step.decay * w[i];
    m[i] += (g - m[i]) * step.one_minus_beta1;
    v[i] = v[i] * step.beta2 + g * g * step.one_minus_beta2;
    w[i] = w[i] * step.shrink - step.lr * m[i] / (std::sqrt(v[i]) * step.inverse_root_correction2 + step.eps);
  }
};

/// parts[block] = the sum of the squares of every number that falls to the block: always the same ones, as
/// there are always as many blocks.
__global__ void square_parts_kernel(int64_t size, const float* numbers, double* parts) {
  double total = 0;
  const int64_t stride = static_cast<int64_t>(gridDim.x) * blockDim.x;
  for (int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < size; i += stride) {
    total += static_cast<double>(numbers[i]) * static_cast<double>(numbers[i]);
  }
  total = block_sum(total);
  if (threadIdx.x == 0) parts[blockIdx.x] = total;
}

/// *square += the sum of the parts: one block.
__global__ void add_parts_kernel(const double* parts, double* square) {
  const double total = block_sum(parts[threadIdx.x]);
  if (threadIdx.x == 0) *square += total;
}

struct ClipScale {
  const double* square;
  double clip_norm;
  float* scale;
  __device__ void operator()(int64_t) const {
    const double wanted = clip_norm / (std::sqrt(*square) + 1e-6);
    *scale = static_cast<float>(wanted < 1 ? wanted : 1);
  }
};

}  // namespace

void adam_step(const AdamNumbers& step, const float* gradient_scale, int64_t size, const float* grad,
               float* m, float* v, float* w) {
  for_each("adam", size, Update{step, gradient_scale, grad, m, v, w});
}

void add_squares(int64_t size, const float* numbers, double* parts, double* square) {
  launch({"gradient norm", kSquareParts, kThreads}, square_parts_kernel, size, numbers, parts);
  launch({"gradient norm", 1, static_cast<int>(kSquareParts)}, add_parts_kernel,
         static_cast<const double*>(parts), square);
}

void clip_scale(const double* square, double clip_norm, float* scale) {
  for_each("gradient norm", 1, ClipScale{square, clip_norm, scale});
}

}  // namespace cce::cuda
