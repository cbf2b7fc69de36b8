// A matrix with one column more: how a bias becomes part of a product, [x, 1] . [w, b] = x . w + b.
#include <algorithm>

#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kRowGrain = 256;
constexpr int64_t kMultiple = 8;

/// y[N, W] = x[N, D], then the column, then zeros.
template <class T>
void append_column_forward(Parallel& parallel, int64_t rows, int64_t width, int64_t wider, const T* x,
                           const T* column, T* y) {
  parallel.ranges(rows, kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      T* const rest = std::copy_n(x + row * width, width, y + row * wider);
      rest[0] = column[row];
      std::fill_n(rest + 1, wider - width - 1, T{0});
    }
  });
}

/// dx[N, D] += dy[:, :D] and dcolumn[N] += dy[:, D]; either may be null.
template <class T>
void append_column_backward(Parallel& parallel, int64_t rows, int64_t width, int64_t wider, const T* dy,
                            T* dx, T* dcolumn) {
  parallel.ranges(rows, kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* const from = dy + row * wider;
      for (int64_t k = 0; dx != nullptr && k < width; ++k) dx[row * width + k] += from[k];
      if (dcolumn != nullptr) dcolumn[row] += from[width];
    }
  });
}

}  // namespace
}  // namespace cpu

Tensor append_column(const Context& ctx, const Tensor& x_ND, const Tensor& column_N) {
  const int64_t rows = x_ND.rows(), width = x_ND.cols();
  require(x_ND.shape().rank() == 2 && column_N.shape() == Shape{rows},
          "[append_column] expected a column of shape ({}) beside {}, got {}", rows, x_ND.shape(),
          column_N.shape());
  const int64_t wider = (width / cpu::kMultiple + 1) * cpu::kMultiple;
  return visit_real(x_ND.dtype(), "append_column", [&]<class T>() {
    Tensor y = Tensor::empty({rows, wider}, x_ND.dtype(), ctx.device);
    ON_DEVICE(ctx.executor(), append_column_forward, rows, width, wider, x_ND.data<T>(), column_N.data<T>(),
              y.data<T>());
    if (ctx.records({x_ND, column_N})) {
      ctx.record("append_column", y, [on = ctx.executor(), x_ND, column_N, wider](const Tensor& dy) {
        ON_DEVICE(on, append_column_backward, x_ND.rows(), x_ND.cols(), wider, dy.data<T>(),
                  grad_or_null<T>(x_ND), grad_or_null<T>(column_N));
      });
    }
    return y;
  });
}

}  // namespace cce
