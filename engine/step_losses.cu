// Keeps the losses of steps until the program fetches them, and notices the first that is no number.
#include "engine/cuda/for_each.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

/// One thread, one number.
struct Keep {
  StepNumbers step;
  float* kept;
  int32_t* failed;
  __device__ void operator()(int64_t i) const {
    kept[i] = *step.numbers[i];
    if (i == 0 && !(std::abs(kept[i]) < INFINITY)) *failed = 1;  // NaN is not less, either
  }
};

}  // namespace

void keep_step(const StepNumbers& step, float* kept, int32_t* failed) {
  for_each("loss of a step", step.count, Keep{step, kept, failed});
}

}  // namespace cce::cuda
