// Adding one tensor to another, scaled by a number that the GPU has just computed: nobody waits to read it.
#include "engine/cuda/for_each.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

struct AddScaled {
  const float *from, *dloss;
  float* into;
  __device__ void operator()(int64_t i) const { into[i] += *dloss * from[i]; }
};

/// Nothing is written where there is nothing to do: a loss that is differentiated by itself.
struct ScaleInPlace {
  const float* dloss;
  float* numbers;
  __device__ void operator()(int64_t i) const {
    if (*dloss != 1.0F) numbers[i] *= *dloss;
  }
};

}  // namespace

void scale_in_place(int64_t size, const float* dloss, float* numbers) {
  for_each("a loss, backward", size, ScaleInPlace{dloss, numbers});
}

void add_scaled(int64_t size, const float* from, const float* dloss, float* into) {
  for_each("a loss, backward", size, AddScaled{from, dloss, into});
}

}  // namespace cce::cuda
