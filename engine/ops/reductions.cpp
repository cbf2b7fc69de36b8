// Sums over everything or over rows, and the softmax of rows.
#include <algorithm>
#include <cmath>

#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kGrain = 1 << 13;

int64_t row_grain(int64_t cols) {
  return std::max<int64_t>(1, kGrain / std::max<int64_t>(1, cols));
}

/// y[row] = sum of a row, in double, left to right.
template <class T>
void row_sum_forward(Parallel& parallel, int64_t rows, int64_t cols, const T* x, T* y) {
  parallel.ranges(rows, row_grain(cols), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      double total = 0;
      for (int64_t i = row * cols; i < (row + 1) * cols; ++i) total += static_cast<double>(x[i]);
      y[row] = static_cast<T>(total);
    }
  });
}

/// dx[row, :] += scale * dy[row].
template <class T>
void row_sum_backward(Parallel& parallel, int64_t rows, int64_t cols, T scale, const T* dy, T* dx) {
  parallel.ranges(rows, row_grain(cols), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      for (int64_t i = row * cols; i < (row + 1) * cols; ++i) dx[i] += scale * dy[row];
    }
  });
}

template <class T>
void row_softmax_forward(Parallel& parallel, int64_t rows, int64_t cols, const T* x, T* y) {
  parallel.ranges(rows, row_grain(cols), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* const in = x + row * cols;
      T* const out = y + row * cols;
      const T largest = *std::max_element(in, in + cols);
      T total = 0;
      for (int64_t i = 0; i < cols; ++i) total += out[i] = std::exp(in[i] - largest);
      for (int64_t i = 0; i < cols; ++i) out[i] /= total;
    }
  });
}

template <class T>
void row_softmax_backward(Parallel& parallel, int64_t rows, int64_t cols, const T* y, const T* dy, T* dx) {
  parallel.ranges(rows, row_grain(cols), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      T dot = 0;
      for (int64_t i = row * cols; i < (row + 1) * cols; ++i) dot += y[i] * dy[i];
      for (int64_t i = row * cols; i < (row + 1) * cols; ++i) dx[i] += y[i] * (dy[i] - dot);
    }
  });
}

}  // namespace
}  // namespace cpu

namespace {

/// scale * sum over each of `rows` equal parts of x, as a tensor of the given shape.
Tensor scaled_row_sum(const Context& ctx, const char* op, const Tensor& x, int64_t rows, double scale,
                      const Shape& shape) {
  require(x.size() > 0, "[{}] expected at least one element, got shape {}", op, x.shape().str());
  return visit_real(x.dtype(), op, [&]<class T>() {
    const int64_t cols = x.size() / rows;
    Tensor y = Tensor::empty(shape, x.dtype());
    cpu::row_sum_forward(ctx.parallel, rows, cols, x.data<T>(), y.data<T>());
    if (scale != 1) {
      for (T& value : y.span<T>()) value *= static_cast<T>(scale);
    }
    if (ctx.records({x})) {
      ctx.record(op, y, [&parallel = ctx.parallel, x, rows, cols, scale](const Tensor& dy) {
        cpu::row_sum_backward(parallel, rows, cols, static_cast<T>(scale), dy.data<T>(),
                              x.grad_to_add().template data<T>());
      });
    }
    return y;
  });
}

}  // namespace

Tensor sum(const Context& ctx, const Tensor& x) {
  return scaled_row_sum(ctx, "sum", x, 1, 1, {});
}

Tensor mean(const Context& ctx, const Tensor& x) {
  return scaled_row_sum(ctx, "mean", x, 1, 1.0 / static_cast<double>(x.size()), {});
}

Tensor row_sum(const Context& ctx, const Tensor& x_PN) {
  return scaled_row_sum(ctx, "row_sum", x_PN, x_PN.rows(), 1, {x_PN.rows(), 1});
}

Tensor row_softmax(const Context& ctx, const Tensor& x_PN) {
  require(x_PN.size() > 0, "[row_softmax] expected at least one element, got shape {}", x_PN.shape().str());
  return visit_real(x_PN.dtype(), "row_softmax", [&]<class T>() {
    Tensor y = Tensor::empty(x_PN.shape(), x_PN.dtype());
    cpu::row_softmax_forward(ctx.parallel, x_PN.rows(), x_PN.cols(), x_PN.data<T>(), y.data<T>());
    if (ctx.records({x_PN})) {
      ctx.record("row_softmax", y, [&parallel = ctx.parallel, x_PN, y](const Tensor& dy) {
        cpu::row_softmax_backward(parallel, x_PN.rows(), x_PN.cols(), y.data<T>(), dy.data<T>(),
                                  x_PN.grad_to_add().template data<T>());
      });
    }
    return y;
  });
}

}  // namespace cce
