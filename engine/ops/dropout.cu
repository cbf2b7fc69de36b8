// Dropout: one thread, one block of the random stream, which is four elements.
#include "engine/cuda/for_each.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

/// y = x * mask, or y += x * mask, for elements 4 block to 4 block + 3.
struct Apply {
  DropoutDraw draw;
  int64_t size;
  const float* x;
  float* y;
  bool add;

  __device__ void operator()(int64_t block) const {
    const auto words = draw.stream.block(static_cast<uint64_t>(block));
    for (int j = 0; j < 4; ++j) {
      const int64_t i = 4 * block + j;
      if (i >= size) return;
      const float factor =
          words[static_cast<size_t>(j)] >= draw.threshold ? static_cast<float>(draw.scale) : 0.0F;
      y[i] = add ? y[i] + x[i] * factor : x[i] * factor;
    }
  }
};

}  // namespace

void dropout_apply(const DropoutDraw& draw, int64_t size, const float* x, float* y, bool add) {
  for_each("dropout", pieces(size, 4), Apply{draw, size, x, y, add});
}

}  // namespace cce::cuda
