// Keeps the losses of steps until the program fetches them, and notices the first that is no number.
#include "engine/cuda/for_each.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

/// One thread, one number.
struct Keep {
  KeptNumbers step;
  int64_t place;
  const StepNumbers* now;  // null: `place` is the place
  float* kept;
  int32_t* failed;
  __device__ void operator()(int64_t i) const {
    const float number = *step.numbers[i];
    kept[(now == nullptr ? place : now->place) * step.count + i] = number;
    if (i == 0 && !(std::abs(number) < INFINITY)) *failed = 1;  // NaN is not less, either
  }
};

}  // namespace

void keep_step(const KeptNumbers& step, int64_t place, const StepNumbers* now, float* kept, int32_t* failed) {
  for_each("loss of a step", step.count, Keep{step, place, now, kept, failed});
}

}  // namespace cce::cuda
