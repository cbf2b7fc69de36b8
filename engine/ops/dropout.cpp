// Dropout with masks that are drawn again instead of stored (Srivastava et al. 2014, in its inverted form).
#include "engine/ops/dropout_mask.h"
#include "engine/ops/grain.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

/// y = x * mask, or y += x * mask: the same function is its own derivative.
template <class T>
void dropout_apply(Parallel& parallel, const DropoutDraw& draw, int64_t size, const T* x, T* y, bool add) {
  const DropoutMask mask(draw);
  parallel.ranges(size, kGrain, [&](int64_t begin, int64_t end) {
    mask.for_each_run<T>(begin, end, [&](int64_t first, int64_t count, const T* factors) {
      const T* const in = x + first;
      T* const out = y + first;
      if (add) {
        for (int64_t i = 0; i < count; ++i) out[i] += in[i] * factors[i];
      } else {
        for (int64_t i = 0; i < count; ++i) out[i] = in[i] * factors[i];
      }
    });
  });
}

}  // namespace
}  // namespace cpu

Tensor dropout(const Context& ctx, const Tensor& x_TD, double p, uint32_t layer) {
  require(p >= 0 && p < 1, "[dropout] expected a probability in [0, 1), got {}", p);
  if (!ctx.training || p == 0) return x_TD;
  const DropoutDraw draw(ctx.seed, ctx.step, layer, p, ctx.step_on_gpu());
  return visit_real(x_TD.dtype(), "dropout", [&]<class T>() {
    Tensor y = Tensor::empty(x_TD.shape(), x_TD.dtype(), ctx.device);
    ON_DEVICE(ctx.executor(), dropout_apply, draw, x_TD.size(), x_TD.data<T>(), y.data<T>(), false);
    if (ctx.records({x_TD})) {
      ctx.record("dropout", y, [on = ctx.executor(), x_TD, draw](const Tensor& dy) {
        const auto [dx, add] = x_TD.grad_sink();
        ON_DEVICE(on, dropout_apply, draw, x_TD.size(), dy.data<T>(), dx.template data<T>(), add);
      });
    }
    return y;
  });
}

}  // namespace cce
