// Sums, differences and products of two tensors, element by element.
#include "engine/ops/broadcast.h"
#include "engine/ops/formulas.h"
#include "engine/ops/grain.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

/// y[i] = f(a[i], b[of i]).
template <class Formula, class T>
void binary_forward(Parallel& parallel, int64_t size, Broadcast of, const T* a, const T* b, T* y) {
  parallel.ranges(size, kGrain, [&](int64_t begin, int64_t end) {
    if (of.cols == 0) {
      for (int64_t i = begin; i < end; ++i) y[i] = Formula::value(a[i], b[i]);
    } else {
      for (int64_t i = begin; i < end; ++i) y[i] = Formula::value(a[i], b[of(i)]);
    }
  });
}

/// d[i] = gradient(i) for i from begin to end, or is added to.
template <class T, class F>
void give(int64_t begin, int64_t end, T* d, bool add, F gradient) {
  if (add) {
    for (int64_t i = begin; i < end; ++i) d[i] += gradient(i);
  } else {
    for (int64_t i = begin; i < end; ++i) d[i] = gradient(i);
  }
}

/// da[i] = dy[i] df/da, or is added to.
template <class Formula, class T>
void binary_backward_a(Parallel& parallel, int64_t size, Broadcast of, const T* a, const T* b, const T* dy,
                       T* da, bool add) {
  parallel.ranges(size, kGrain, [&](int64_t begin, int64_t end) {
    give(begin, end, da, add, [=](int64_t i) { return dy[i] * Formula::a_slope(a[i], b[of(i)]); });
  });
}

/// db[of i] = dy[i] df/db, or is added to: element by element, or for a column the sum over each row.
template <class Formula, class T>
void binary_backward_b(Parallel& parallel, int64_t size, Broadcast of, const T* a, const T* b, const T* dy,
                       T* db, bool add) {
  if (of.cols == 0) {
    parallel.ranges(size, kGrain, [&](int64_t begin, int64_t end) {
      give(begin, end, db, add, [=](int64_t i) { return dy[i] * Formula::b_slope(a[i], b[i]); });
    });
    return;
  }
  const int64_t cols = of.cols;
  parallel.ranges(size / cols, row_grain(cols), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      T total = 0;
      for (int64_t i = row * cols; i < (row + 1) * cols; ++i) total += dy[i] * Formula::b_slope(a[i], b[row]);
      db[row] = add ? db[row] + total : total;
    }
  });
}

/// y = scale x + shift.
template <class T>
void affine_forward(Parallel& parallel, int64_t size, T scale, T shift, const T* x, T* y) {
  parallel.ranges(size, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) y[i] = x[i] * scale + shift;
  });
}

/// dx = scale dy, or is added to.
template <class T>
void affine_backward(Parallel& parallel, int64_t size, T scale, const T* dy, T* dx, bool add) {
  parallel.ranges(size, kGrain, [&](int64_t begin, int64_t end) {
    give(begin, end, dx, add, [=](int64_t i) { return dy[i] * scale; });
  });
}

}  // namespace
}  // namespace cpu

namespace {

Broadcast broadcast(const char* op, const Tensor& a, const Tensor& b) {
  if (a.shape() == b.shape()) return {0};
  require(a.shape().rank() == 2 && a.cols() > 0 && b.shape() == Shape{a.rows(), 1},
          "[{}] expected a second operand of shape {} or ({}, 1), got {}", op, a.shape(), a.rows(),
          b.shape());
  return {a.cols()};
}

template <class Formula>
Tensor binary(const Context& ctx, const Tensor& a, const Tensor& b) {
  constexpr const char* op = Formula::kOp.forward;
  const Broadcast of = broadcast(op, a, b);
  return visit_real(a.dtype(), op, [&]<class T>() {
    Tensor y = Tensor::empty(a.shape(), a.dtype(), ctx.device);
    ON_DEVICE(ctx.executor(), binary_forward<Formula>, a.size(), of, a.data<T>(), b.data<T>(), y.data<T>());
    if (ctx.records({a, b})) {
      ctx.record(op, y, [on = ctx.executor(), a, b, of](const Tensor& dy_tensor) {
        const T *const dy = dy_tensor.data<T>(), *const av = a.data<T>(), *const bv = b.data<T>();
        if (a.needs_grad()) {
          const auto [da, add] = a.grad_sink();
          ON_DEVICE(on, binary_backward_a<Formula>, a.size(), of, av, bv, dy, da.template data<T>(), add);
        }
        if (b.needs_grad()) {
          const auto [db, add] = b.grad_sink();
          ON_DEVICE(on, binary_backward_b<Formula>, a.size(), of, av, bv, dy, db.template data<T>(), add);
        }
      });
    }
    return y;
  });
}

}  // namespace

Tensor add(const Context& ctx, const Tensor& a, const Tensor& b) {
  return binary<formulas::Sum>(ctx, a, b);
}

Tensor subtract(const Context& ctx, const Tensor& a, const Tensor& b) {
  return binary<formulas::Difference>(ctx, a, b);
}

Tensor multiply(const Context& ctx, const Tensor& a, const Tensor& b) {
  return binary<formulas::Product>(ctx, a, b);
}

Tensor affine(const Context& ctx, const Tensor& x, double scale, double shift) {
  return visit_real(x.dtype(), "affine", [&]<class T>() {
    const T factor = static_cast<T>(scale), offset = static_cast<T>(shift);
    Tensor y = Tensor::empty(x.shape(), x.dtype(), ctx.device);
    ON_DEVICE(ctx.executor(), affine_forward, x.size(), factor, offset, x.data<T>(), y.data<T>());
    if (ctx.records({x})) {
      ctx.record("affine", y, [on = ctx.executor(), x, factor](const Tensor& dy) {
        const auto [dx, add] = x.grad_sink();
        ON_DEVICE(on, affine_backward, x.size(), factor, dy.data<T>(), dx.template data<T>(), add);
      });
    }
    return y;
  });
}

}  // namespace cce
