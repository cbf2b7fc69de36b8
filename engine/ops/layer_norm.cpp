// Layer normalisation over the last dimension (Ba, Kiros and Hinton 2016).
#include <cmath>

#include "engine/kernels/simd.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kRowGrain = 64;

/// The sum over k of f(k), in as many running sums as a vector has lanes, so that the compiler can keep them
/// in one.
template <class T, class F>
T lane_sum(int64_t width, F f) {
  T lanes[simd::kLanes<T>] = {};
  int64_t k = 0;
  for (; k + simd::kLanes<T> <= width; k += simd::kLanes<T>) {
    for (int64_t lane = 0; lane < simd::kLanes<T>; ++lane) lanes[lane] += f(k + lane);
  }
  for (int64_t lane = 0; k < width; ++k, ++lane) lanes[lane] += f(k);
  T total = 0;
  for (const T lane : lanes) total += lane;
  return total;
}

/// y[T, D]; mean[T] and rstd[T] = 1 / sqrt(variance + eps) are what backward needs beside x.
template <class T>
void layer_norm_forward(Parallel& parallel, int64_t rows, int64_t width, double eps, const T* x,
                        const T* weight, const T* bias, T* y, T* mean, T* rstd) {
  parallel.ranges(rows, kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T* const in = x + row * width;
      T* const out = y + row * width;
      const T m = lane_sum<T>(width, [=](int64_t k) { return in[k]; }) / static_cast<T>(width);
      const T v =
          lane_sum<T>(width, [=](int64_t k) { return (in[k] - m) * (in[k] - m); }) / static_cast<T>(width);
      const T s = T{1} / std::sqrt(v + static_cast<T>(eps));
      for (int64_t k = 0; k < width; ++k) out[k] = (in[k] - m) * s * weight[k] + bias[k];
      mean[row] = m, rstd[row] = s;
    }
  });
}

/// dx[T, D], which is written or added to; with n the normalised row and g = dy * weight: (g - mean(g) - n
/// mean(g n)) rstd.
template <class T>
void layer_norm_backward_x(Parallel& parallel, int64_t rows, int64_t width, const T* x, const T* weight,
                           const T* mean, const T* rstd, const T* dy, T* dx, bool add) {
  parallel.ranges(rows, kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T *const in = x + row * width, *const d = dy + row * width;
      const T m = mean[row], s = rstd[row];
      const T mean_g =
          lane_sum<T>(width, [=](int64_t k) { return d[k] * weight[k]; }) / static_cast<T>(width);
      const T mean_gn = lane_sum<T>(width, [=](int64_t k) { return d[k] * weight[k] * (in[k] - m) * s; }) /
                        static_cast<T>(width);
      T* const out = dx + row * width;
      const auto gradient = [=](int64_t k) {
        return (d[k] * weight[k] - mean_g - (in[k] - m) * s * mean_gn) * s;
      };
      if (add) {
        for (int64_t k = 0; k < width; ++k) out[k] += gradient(k);
      } else {
        for (int64_t k = 0; k < width; ++k) out[k] = gradient(k);
      }
    }
  });
}

/// Adds to dweight[D] and dbias[D], either of which may be null: partial sums over blocks of rows, then over
/// blocks in order.
template <class T>
void layer_norm_backward_weight(Parallel& parallel, int64_t rows, int64_t width, const T* x, const T* mean,
                                const T* rstd, const T* dy, T* dweight, T* dbias) {
  const int64_t blocks = (rows + kRowGrain - 1) / kRowGrain;
  const Tensor partials = Tensor::zeros({blocks, 2, width}, dtype_of<T>());
  parallel.ranges(rows, kRowGrain, [&](int64_t begin, int64_t end) {
    T* const dw = partials.data<T>() + begin / kRowGrain * 2 * width;
    T* const db = dw + width;
    for (int64_t row = begin; row < end; ++row) {
      for (int64_t k = 0; k < width; ++k) {
        const int64_t i = row * width + k;
        dw[k] += dy[i] * (x[i] - mean[row]) * rstd[row];
        db[k] += dy[i];
      }
    }
  });
  for (int64_t block = 0; block < blocks; ++block) {
    const T* const dw = partials.data<T>() + block * 2 * width;
    for (int64_t k = 0; dweight != nullptr && k < width; ++k) dweight[k] += dw[k];
    for (int64_t k = 0; dbias != nullptr && k < width; ++k) dbias[k] += dw[width + k];
  }
}

}  // namespace
}  // namespace cpu

Tensor layer_norm(const Context& ctx, const Tensor& x_TD, const Tensor& weight_D, const Tensor& bias_D,
                  double eps) {
  const int64_t rows = x_TD.rows(), width = x_TD.cols();
  for (const Tensor& parameter : {weight_D, bias_D}) {
    require(parameter.shape() == Shape{width},
            "[layer_norm] expected a weight and a bias of shape ({}), got {}", width, parameter.shape());
  }
  return visit_real(x_TD.dtype(), "layer_norm", [&]<class T>() {
    const DType dtype = x_TD.dtype();
    Tensor y = Tensor::empty(x_TD.shape(), dtype, ctx.device);
    const Tensor mean = Tensor::empty({rows}, dtype, ctx.device),
                 rstd = Tensor::empty({rows}, dtype, ctx.device);
    ON_DEVICE(ctx.executor(), layer_norm_forward, rows, width, eps, x_TD.data<T>(), weight_D.data<T>(),
              bias_D.data<T>(), y.data<T>(), mean.data<T>(), rstd.data<T>());
    if (ctx.records({x_TD, weight_D, bias_D})) {
      ctx.record(
          "layer_norm", y, [on = ctx.executor(), x_TD, weight_D, bias_D, mean, rstd](const Tensor& dy) {
            const int64_t t = x_TD.rows(), d = x_TD.cols();
            if (x_TD.needs_grad()) {
              const auto [dx, add] = x_TD.grad_sink();
              ON_DEVICE(on, layer_norm_backward_x, t, d, x_TD.data<T>(), weight_D.data<T>(), mean.data<T>(),
                        rstd.data<T>(), dy.data<T>(), dx.template data<T>(), add);
            }
            if (weight_D.needs_grad() || bias_D.needs_grad()) {
              ON_DEVICE(on, layer_norm_backward_weight, t, d, x_TD.data<T>(), mean.data<T>(), rstd.data<T>(),
                        dy.data<T>(), grad_or_null<T>(weight_D), grad_or_null<T>(bias_D));
            }
          });
    }
    return y;
  });
}

}  // namespace cce
