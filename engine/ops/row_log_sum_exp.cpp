// The logarithm of a softmax's denominator, row by row.
#include <algorithm>
#include <cmath>

#include "engine/kernels/simd.h"
#include "engine/ops/grain.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

/// Calls lanes(i) for every whole vector of a row of `cols` numbers, then single(i) for each that remains.
template <class T, class Lanes, class Single>
void for_each_vector(int64_t cols, Lanes lanes, Single single) {
  int64_t i = 0;
  for (; i + simd::kLanes<T> <= cols; i += simd::kLanes<T>) lanes(i);
  for (; i < cols; ++i) single(i);
}

/// y[row] = shift + log(sum of exp(x - shift)), with the row's largest number as the shift.
template <class T>
void row_log_sum_exp_forward(Parallel& parallel, int64_t rows, int64_t cols, const T* x, T* y) {
  parallel.ranges(rows, row_grain(cols), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* const in = x + row * cols;
      const T shift = *std::max_element(in, in + cols);
      simd::vec<T> sums{};
      T rest = 0;
      for_each_vector<T>(
          cols, [&](int64_t i) { sums += simd::exp(simd::load(in + i) - simd::splat(shift)); },
          [&](int64_t i) { rest += std::exp(in[i] - shift); });
      y[row] = shift + std::log(simd::sum<T>(sums) + rest);
    }
  });
}

/// dx[row, :] += dy[row] * exp(x[row, :] - y[row]).
template <class T>
void row_log_sum_exp_backward(Parallel& parallel, int64_t rows, int64_t cols, const T* x, const T* y,
                              const T* dy, T* dx) {
  parallel.ranges(rows, row_grain(cols), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* const in = x + row * cols;
      T* const out = dx + row * cols;
      for_each_vector<T>(
          cols,
          [&](int64_t i) {
            const simd::vec<T> softmax = simd::exp(simd::load(in + i) - simd::splat(y[row]));
            simd::store(out + i, simd::load(out + i) + simd::splat(dy[row]) * softmax);
          },
          [&](int64_t i) { out[i] += dy[row] * std::exp(in[i] - y[row]); });
    }
  });
}

}  // namespace
}  // namespace cpu

Tensor row_log_sum_exp(const Context& ctx, const Tensor& x_PN) {
  require(x_PN.size() > 0, "[row_log_sum_exp] expected at least one element, got shape {}", x_PN.shape());
  return visit_real(x_PN.dtype(), "row_log_sum_exp", [&]<class T>() {
    Tensor y_P1 = Tensor::empty({x_PN.rows(), 1}, x_PN.dtype(), ctx.device);
    ON_DEVICE(ctx.executor(), row_log_sum_exp_forward, x_PN.rows(), x_PN.cols(), x_PN.data<T>(),
              y_P1.data<T>());
    if (ctx.records({x_PN})) {
      ctx.record("row_log_sum_exp", y_P1, [on = ctx.executor(), x_PN, y_P1](const Tensor& dy_P1) {
        T* const dx = x_PN.grad_to_add().template data<T>();
        ON_DEVICE(on, row_log_sum_exp_backward, x_PN.rows(), x_PN.cols(), x_PN.data<T>(), y_P1.data<T>(),
                  dy_P1.data<T>(), dx);
      });
    }
    return y_P1;
  });
}

}  // namespace cce
