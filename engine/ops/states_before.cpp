// The states that sequences begin with where all of them end together: see ops.h.
#include <algorithm>

#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

/// y[b, :] = states[steps - length(b) - 1, :], or zeros.
template <class T>
void states_before_forward(Parallel&, int64_t steps, int64_t width, int64_t sequences, const int32_t* offsets,
                           const T* states, T* y) {
  for (int64_t b = 0; b < sequences; ++b) {
    const int64_t before = steps - (offsets[b + 1] - offsets[b]);
    if (before == 0) {
      std::fill_n(y + b * width, width, T{0});
    } else {
      std::copy_n(states + (before - 1) * width, width, y + b * width);
    }
  }
}

/// dstates[steps - length(b) - 1, :] += dy[b, :], in the order of b.
template <class T>
void states_before_backward(Parallel&, int64_t steps, int64_t width, int64_t sequences,
                            const int32_t* offsets, const T* dy, T* dstates) {
  for (int64_t b = 0; b < sequences; ++b) {
    const int64_t before = steps - (offsets[b + 1] - offsets[b]);
    for (int64_t k = 0; before > 0 && k < width; ++k) dstates[(before - 1) * width + k] += dy[b * width + k];
  }
}

}  // namespace
}  // namespace cpu

Tensor states_before(const Context& ctx, const Tensor& states_LH, const Tensor& offsets_B1) {
  const int64_t steps = states_LH.rows(), width = states_LH.cols(), sequences = offsets_B1.size() - 1;
  const std::span<const int32_t> offsets = ids_on_cpu(offsets_B1);
  for (size_t b = 1; b < offsets.size(); ++b) {
    const int32_t length = offsets[b] - offsets[b - 1];
    require(length <= steps, "[states_before] a sequence of {} items does not fit into a window of {}",
            length, steps);
  }
  return visit_real(states_LH.dtype(), "states_before", [&]<class T>() {
    Tensor y = Tensor::empty({sequences, width}, states_LH.dtype(), ctx.device);
    ON_DEVICE(ctx.executor(), states_before_forward, steps, width, sequences, offsets_B1.data<int32_t>(),
              states_LH.data<T>(), y.data<T>());
    if (ctx.records({states_LH})) {
      ctx.record("states_before", y, [on = ctx.executor(), states_LH, offsets_B1](const Tensor& dy) {
        T* const dstates = states_LH.grad_to_add().template data<T>();
        ON_DEVICE(on, states_before_backward, states_LH.rows(), states_LH.cols(), offsets_B1.size() - 1,
                  offsets_B1.data<int32_t>(), dy.data<T>(), dstates);
      });
    }
    return y;
  });
}

}  // namespace cce
