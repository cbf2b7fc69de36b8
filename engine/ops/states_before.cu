// The states that sequences begin with where all of them end together. Forward copies: one thread, one
// number. Backward: one thread, one number of one step's state, which goes through all sequences and adds
// what those give that begin there.
#include "engine/cuda/for_each.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

struct Forward {
  int64_t steps, width;
  const int32_t* offsets;
  const float* states;
  float* y;
  __device__ void operator()(int64_t i) const {
    const int64_t b = i / width, before = steps - (offsets[b + 1] - offsets[b]);
    y[i] = before == 0 ? 0.0F : states[(before - 1) * width + i % width];
  }
};

struct Backward {
  int64_t steps, width, sequences;
  const int32_t* offsets;
  const float* dy;
  float* dstates;
  __device__ void operator()(int64_t i) const {
    const int64_t length = steps - 1 - i / width;  // of the sequences that begin after this step
    float total = dstates[i];
    for (int64_t b = 0; b < sequences; ++b) {
      if (offsets[b + 1] - offsets[b] == length) total += dy[b * width + i % width];
    }
    dstates[i] = total;
  }
};

}  // namespace

void states_before_forward(int64_t steps, int64_t width, int64_t sequences, const int32_t* offsets,
                           const float* states, float* y) {
  for_each("states_before", sequences * width, Forward{steps, width, offsets, states, y});
}

void states_before_backward(int64_t steps, int64_t width, int64_t sequences, const int32_t* offsets,
                            const float* dy, float* dstates) {
  for_each("states_before, backward", steps * width, Backward{steps, width, sequences, offsets, dy, dstates});
}

}  // namespace cce::cuda
