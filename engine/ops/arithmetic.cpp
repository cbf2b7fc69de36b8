// Sums, differences and products of two tensors, element by element.
#include <algorithm>

#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kGrain = 1 << 13;

/// Where b's number for element i of a stands: the same place, or row i / cols of a column.
struct Broadcast {
  int64_t cols;  // 0: b has a's shape
  int64_t operator()(int64_t i) const { return cols == 0 ? i : i / cols; }
};

/// y[i] = f(a[i], b[of i]).
template <class T, class F>
void binary_forward(Parallel& parallel, int64_t size, Broadcast of, const T* a, const T* b, T* y, F f) {
  parallel.ranges(size, kGrain, [&](int64_t begin, int64_t end) {
    if (of.cols == 0) {
      for (int64_t i = begin; i < end; ++i) y[i] = f(a[i], b[i]);
    } else {
      for (int64_t i = begin; i < end; ++i) y[i] = f(a[i], b[of(i)]);
    }
  });
}

/// dx[i] += f(i), for an operand of the full shape.
template <class T, class F>
void add_each(Parallel& parallel, int64_t size, T* dx, F f) {
  parallel.ranges(size, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) dx[i] += f(i);
  });
}

/// db[row] += sum over the row's elements i of f(i), for a column operand.
template <class T, class F>
void add_rows(Parallel& parallel, int64_t rows, int64_t cols, T* db, F f) {
  parallel.ranges(rows, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, cols)),
                  [&](int64_t begin, int64_t end) {
                    for (int64_t row = begin; row < end; ++row) {
                      T total = 0;
                      for (int64_t i = row * cols; i < (row + 1) * cols; ++i) total += f(i);
                      db[row] += total;
                    }
                  });
}

/// The gradient of one operand, whichever form it has.
template <class T, class F>
void add_operand(Parallel& parallel, int64_t size, Broadcast of, T* dx, F f) {
  if (of.cols == 0) {
    add_each(parallel, size, dx, f);
  } else {
    add_rows(parallel, size / of.cols, of.cols, dx, f);
  }
}

}  // namespace
}  // namespace cpu

namespace {

cpu::Broadcast broadcast(const char* op, const Tensor& a, const Tensor& b) {
  if (a.shape() == b.shape()) return {0};
  require(a.shape().rank() == 2 && b.shape() == Shape{a.rows(), 1},
          "[{}] expected a second operand of shape {} or ({}, 1), got {}", op, a.shape().str(), a.rows(),
          b.shape().str());
  return {a.cols()};
}

enum class Binary { add, subtract, multiply };

template <Binary kind>
Tensor binary(const Context& ctx, const char* op, const Tensor& a, const Tensor& b) {
  const cpu::Broadcast of = broadcast(op, a, b);
  return visit_real(a.dtype(), op, [&]<class T>() {
    Tensor y = Tensor::empty(a.shape(), a.dtype());
    cpu::binary_forward<T>(ctx.parallel, a.size(), of, a.data<T>(), b.data<T>(), y.data<T>(), [](T u, T v) {
      return kind == Binary::add ? u + v : kind == Binary::subtract ? u - v : u * v;
    });
    if (ctx.records({a, b})) {
      ctx.record(op, y, [&parallel = ctx.parallel, a, b, of](const Tensor& dy_tensor) {
        const T *const dy = dy_tensor.data<T>(), *const av = a.data<T>(), *const bv = b.data<T>();
        if (a.needs_grad()) {
          cpu::add_each(parallel, a.size(), a.grad_to_add().template data<T>(),
                        [=](int64_t i) { return kind == Binary::multiply ? dy[i] * bv[of(i)] : dy[i]; });
        }
        if (b.needs_grad()) {
          cpu::add_operand(parallel, a.size(), of, b.grad_to_add().template data<T>(), [=](int64_t i) {
            return kind == Binary::multiply ? dy[i] * av[i] : kind == Binary::subtract ? -dy[i] : dy[i];
          });
        }
      });
    }
    return y;
  });
}

}  // namespace

Tensor add(const Context& ctx, const Tensor& a, const Tensor& b) {
  return binary<Binary::add>(ctx, "add", a, b);
}

Tensor subtract(const Context& ctx, const Tensor& a, const Tensor& b) {
  return binary<Binary::subtract>(ctx, "subtract", a, b);
}

Tensor multiply(const Context& ctx, const Tensor& a, const Tensor& b) {
  return binary<Binary::multiply>(ctx, "multiply", a, b);
}

Tensor affine(const Context& ctx, const Tensor& x, double scale, double shift) {
  return visit_real(x.dtype(), "affine", [&]<class T>() {
    const T factor = static_cast<T>(scale), offset = static_cast<T>(shift);
    Tensor y = Tensor::empty(x.shape(), x.dtype());
    const T* const in = x.data<T>();
    cpu::binary_forward<T>(ctx.parallel, x.size(), {0}, in, in, y.data<T>(),
                           [=](T u, T) { return u * factor + offset; });
    if (ctx.records({x})) {
      ctx.record("affine", y, [&parallel = ctx.parallel, x, factor](const Tensor& dy) {
        cpu::add_each(parallel, x.size(), x.grad_to_add().template data<T>(),
                      [=, from = dy.data<T>()](int64_t i) { return from[i] * factor; });
      });
    }
    return y;
  });
}

}  // namespace cce
