// Sums over everything or over rows, and the softmax of rows.
#include <algorithm>
#include <cmath>

#include "engine/ops/grain.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

/// y[row] = scale * sum of a row, added up in double, left to right.
template <class T>
void row_sum_forward(Parallel& parallel, int64_t rows, int64_t cols, T scale, const T* x, T* y) {
  parallel.ranges(rows, row_grain(cols), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      double total = 0;
      for (int64_t i = row * cols; i < (row + 1) * cols; ++i) total += static_cast<double>(x[i]);
      y[row] = static_cast<T>(total) * scale;
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
  require(x.size() > 0, "[{}] expected at least one element, got shape {}", op, x.shape());
  return visit_real(x.dtype(), op, [&]<class T>() {
    const int64_t cols = x.size() / rows;
    const T factor = static_cast<T>(scale);
    Tensor y = Tensor::empty(shape, x.dtype(), ctx.device);
    ON_DEVICE(ctx.executor(), row_sum_forward, rows, cols, factor, x.data<T>(), y.data<T>());
    if (ctx.records({x})) {
      ctx.record(op, y, [on = ctx.executor(), x, rows, cols, factor](const Tensor& dy) {
        T* const dx = x.grad_to_add().template data<T>();
        ON_DEVICE(on, row_sum_backward, rows, cols, factor, dy.data<T>(), dx);
      });
    }
    return y;
  });
}

/// The sum, or the mean, on the GPU, which is told how many rows count. A template so that nothing is asked
/// of cuda:: in a program without it.
template <class T>
Tensor total_on_gpu(const Context& ctx, const char* op, const Tensor& x, bool mean) {
  require(x.size() > 0, "[{}] expected at least one element, got shape {}", op, x.shape());
  const int64_t rows = x.shape().rank() == 2 ? x.rows() : x.size(), cols = x.size() / rows;
  Tensor y = Tensor::empty({}, DType::f32, Device::cuda);
  cuda::total_forward(rows, cols, ctx.rows_on_gpu(), mean, x.data<T>(), y.data<T>());
  if (ctx.records({x})) {
    ctx.record(op, y, [x, rows, cols, mean, in_use = ctx.rows_on_gpu()](const Tensor& dy) {
      T* const dx = x.grad_to_add().template data<T>();
      cuda::total_backward(rows, cols, in_use, mean, dy.data<T>(), dx);
    });
  }
  return y;
}

}  // namespace

Tensor sum(const Context& ctx, const Tensor& x) {
  if constexpr (kCudaBuilt) {
    if (ctx.device == Device::cuda) return total_on_gpu<float>(ctx, "sum", x, /*mean=*/false);
  }
  return scaled_row_sum(ctx, "sum", x, 1, 1, {});
}

Tensor mean(const Context& ctx, const Tensor& x) {
  if constexpr (kCudaBuilt) {
    if (ctx.device == Device::cuda) return total_on_gpu<float>(ctx, "mean", x, /*mean=*/true);
  }
  return scaled_row_sum(ctx, "mean", x, 1, 1.0 / static_cast<double>(x.size()), {});
}

Tensor row_sum(const Context& ctx, const Tensor& x_PN) {
  return scaled_row_sum(ctx, "row_sum", x_PN, x_PN.rows(), 1, {x_PN.rows(), 1});
}

Tensor row_softmax(const Context& ctx, const Tensor& x_PN) {
  require(x_PN.size() > 0, "[row_softmax] expected at least one element, got shape {}", x_PN.shape());
  return visit_real(x_PN.dtype(), "row_softmax", [&]<class T>() {
    Tensor y = Tensor::empty(x_PN.shape(), x_PN.dtype(), ctx.device);
    ON_DEVICE(ctx.executor(), row_softmax_forward, x_PN.rows(), x_PN.cols(), x_PN.data<T>(), y.data<T>());
    if (ctx.records({x_PN})) {
      ctx.record("row_softmax", y, [on = ctx.executor(), x_PN, y](const Tensor& dy) {
        T* const dx = x_PN.grad_to_add().template data<T>();
        ON_DEVICE(on, row_softmax_backward, x_PN.rows(), x_PN.cols(), y.data<T>(), dy.data<T>(), dx);
      });
    }
    return y;
  });
}

}  // namespace cce
