// Adam: one kernel for all parameters; one thread, one weight, and everything that is done to it in one pass.
// And the norm of all gradients, for clipping.
#include "engine/cuda/for_each.h"
#include "engine/cuda/reduce.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

constexpr int kThreads = 256;

/// What is handed to a kernel at its start: as many parameters as fit.
struct AdamTensors {
  static constexpr int kMost = 64;
  int count = 0;
  AdamTensor tensors[kMost];
  int64_t ends[kMost];  // how many weights there are up to and with each
};

struct Update {
  AdamNumbers<float> step;
  const StepNumbers* now;  // null: all that is needed stands in `step`
  const float* gradient_scale;
  const int32_t* frozen;
  AdamTensors all;

  __device__ void operator()(int64_t at) const {
    if (frozen != nullptr && *frozen != 0) return;
    int t = 0;
    while (at >= all.ends[t]) ++t;
    const AdamTensor& p = all.tensors[t];
    const int64_t i = at - (all.ends[t] - p.size);
    const float scale = gradient_scale == nullptr ? 1.0F : *gradient_scale;
    const float lr = now == nullptr ? step.lr : now->lr;
    const float shrink = now == nullptr ? step.shrink : now->shrink;
    const float correction = now == nullptr ? step.inverse_root_correction2 : now->inverse_root_correction2;
    const float g = p.grad[i] * scale + step.decay * p.w[i];
    const float m = p.m[i] + (g - p.m[i]) * step.one_minus_beta1;
    const float v = p.v[i] * step.beta2 + g * g * step.one_minus_beta2;
    p.m[i] = m, p.v[i] = v;
    p.w[i] = p.w[i] * shrink - lr * m / (std::sqrt(v) * correction + step.eps);
  }
};

/// parts[block] = the sum of the squares of every number that falls to the block: always the same ones, as
/// the number of blocks follows from the size.
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
__global__ void add_parts_kernel(int64_t count, const double* parts, double* square) {
  const double total = block_sum(threadIdx.x < count ? parts[threadIdx.x] : 0.0);
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

void adam_step(const AdamNumbers<float>& step, const StepNumbers* now, const float* gradient_scale,
               const int32_t* frozen, const std::vector<AdamTensor>& tensors) {
  AdamTensors all;
  const auto start = [&] {
    if (all.count > 0)
      for_each("adam", all.ends[all.count - 1], Update{step, now, gradient_scale, frozen, all});
    all.count = 0;
  };
  for (const AdamTensor& tensor : tensors) {
    const int64_t before = all.count == 0 ? 0 : all.ends[all.count - 1];
    all.tensors[all.count] = tensor;
    all.ends[all.count++] = before + tensor.size;
    if (all.count == AdamTensors::kMost) start();
  }
  start();
}

void add_squares(int64_t size, const float* numbers, double* parts, double* square) {
  constexpr int64_t kNumbersPerThread = 8;
  const int64_t wanted = pieces(size, kThreads * kNumbersPerThread);
  const int64_t blocks = wanted < kSquareParts ? wanted : kSquareParts;
  launch({"gradient norm", blocks, kThreads}, square_parts_kernel, size, numbers, parts);
  launch({"gradient norm", 1, static_cast<int>(kSquareParts)}, add_parts_kernel, blocks,
         static_cast<const double*>(parts), square);
}

void clip_scale(const double* square, double clip_norm, float* scale) {
  for_each("gradient norm", 1, ClipScale{square, clip_norm, scale});
}

}  // namespace cce::cuda
