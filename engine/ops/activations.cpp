// Functions of one number, applied to every element. The formulas themselves stand in formulas.h.
#include "engine/ops/formulas.h"
#include "engine/ops/grain.h"
#include "engine/ops/lanes.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

template <class Formula, class T>
void map_forward(Parallel& parallel, int64_t size, const T* x, T* y) {
  parallel.ranges(size, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += kLaneCount) {
      store_lanes<T>(y + i, end - i, Formula::value(load_lanes<T>(x + i, end - i, T{1})));
    }
  });
}

/// dx = dy * f'(x), or is added to.
template <class Formula, class T>
void map_backward(Parallel& parallel, int64_t size, const T* x, const T* y, const T* dy, T* dx, bool add) {
  parallel.ranges(size, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += kLaneCount) {
      const Lanes<T> slope =
          Formula::derivative(load_lanes<T>(x + i, end - i, T{1}), load_lanes<T>(y + i, end - i, T{1}));
      Lanes<T> gradient = load_lanes<T>(dy + i, end - i) * slope;
      if (add) gradient += load_lanes<T>(dx + i, end - i);
      store_lanes<T>(dx + i, end - i, gradient);
    }
  });
}

}  // namespace
}  // namespace cpu

namespace {

template <class Formula>
Tensor map(const Context& ctx, const Tensor& x) {
  constexpr const char* op = Formula::kOp.forward;
  return visit_real(x.dtype(), op, [&]<class T>() {
    Tensor y = Tensor::empty(x.shape(), x.dtype(), ctx.device);
    ON_DEVICE(ctx.executor(), map_forward<Formula>, x.size(), x.data<T>(), y.data<T>());
    if (ctx.records({x})) {
      ctx.record(op, y, [on = ctx.executor(), x, y](const Tensor& dy) {
        const auto [dx, add] = x.grad_sink();
        ON_DEVICE(on, map_backward<Formula>, x.size(), x.data<T>(), y.data<T>(), dy.data<T>(),
                  dx.template data<T>(), add);
      });
    }
    return y;
  });
}

}  // namespace

Tensor sigmoid(const Context& ctx, const Tensor& x) {
  return map<formulas::Sigmoid>(ctx, x);
}
Tensor log_sigmoid(const Context& ctx, const Tensor& x) {
  return map<formulas::LogSigmoid>(ctx, x);
}
Tensor tanh(const Context& ctx, const Tensor& x) {
  return map<formulas::Tanh>(ctx, x);
}
Tensor exp(const Context& ctx, const Tensor& x) {
  return map<formulas::Exp>(ctx, x);
}
Tensor log(const Context& ctx, const Tensor& x) {
  return map<formulas::Log>(ctx, x);
}
Tensor square(const Context& ctx, const Tensor& x) {
  return map<formulas::Square>(ctx, x);
}
Tensor relu(const Context& ctx, const Tensor& x) {
  return map<formulas::Relu>(ctx, x);
}
Tensor gelu(const Context& ctx, const Tensor& x) {
  return map<formulas::Gelu>(ctx, x);
}
Tensor elu(const Context& ctx, const Tensor& x) {
  return map<formulas::Elu>(ctx, x);
}

}  // namespace cce
