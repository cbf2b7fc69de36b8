// y = x W^T + b.
#include <algorithm>

#include "engine/kernels/kernels.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

/// Positions per block: with a width of 64 to 256 a block of x or y is 24 to 96 KB and stays in the
/// second-level cache.
constexpr int64_t kRowGrain = 96;

/// Outputs per panel of W^T, so that the rows a product reads one after another stand one after another.
constexpr int64_t kPanel = 64;

/// y[T, O] = x[T, D] W[O, D]^T + b[O].
template <class T>
void linear_forward(Parallel& parallel, int64_t rows, int64_t width, int64_t outputs, const T* x,
                    const T* weight, const T* bias, T* y) {
  const Tensor panels =
      Tensor::empty({outputs, width}, dtype_of<T>());  // of W^T, each [D, kPanel or the rest]
  for (int64_t o = 0; o < outputs; o += kPanel) {
    const int64_t count = std::min(kPanel, outputs - o);
    transpose(count, width, weight + o * width, width, panels.data<T>() + o * width, count);
  }
  parallel.ranges(rows, kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t o = 0; o < outputs; o += kPanel) {
      const int64_t count = std::min(kPanel, outputs - o);
      gemm<T>(end - begin, count, width, {x + begin * width, width, 1}, panels.data<T>() + o * width, count,
              y + begin * outputs + o, outputs, Start<T>{bias, 0}.from(0, o));
    }
  });
}

/// dx[T, D] = dy[T, O] W[O, D], or is added to.
template <class T>
void linear_backward_x(Parallel& parallel, int64_t rows, int64_t width, int64_t outputs, const T* dy,
                       const T* weight, T* dx, bool add) {
  parallel.ranges(rows, kRowGrain, [&](int64_t begin, int64_t end) {
    gemm<T>(end - begin, width, outputs, {dy + begin * outputs, outputs, 1}, weight, width,
            dx + begin * width, width, add);
  });
}

/// Outputs per block of the weight's gradient: two tiles of the product. With more, the blocks of 64 outputs
/// do not spread evenly over two threads.
constexpr int64_t kOutputGrain = 12;

/// dW[O, D] += dy[T, O]^T x[T, D], db[O] += sum of dy over rows; a block owns some outputs.
template <class T>
void linear_backward_weight(Parallel& parallel, int64_t rows, int64_t width, int64_t outputs, const T* x,
                            const T* dy, T* dweight, T* dbias) {
  parallel.ranges(outputs, kOutputGrain, [&](int64_t begin, int64_t end) {
    if (dweight != nullptr) {
      gemm<T>(end - begin, width, rows, {dy + begin, 1, outputs}, x, width, dweight + begin * width, width,
              true);
    }
    if (dbias == nullptr) return;
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t o = begin; o < end; ++o) dbias[o] += dy[row * outputs + o];
    }
  });
}

}  // namespace
}  // namespace cpu

Tensor linear(const Context& ctx, const Tensor& x_TD, const Tensor& weight_OD, const Tensor& bias_O) {
  const int64_t rows = x_TD.rows(), width = x_TD.cols(), outputs = weight_OD.rows();
  require(weight_OD.shape() == Shape{outputs, width}, "[linear] expected a weight of width {}, got shape {}",
          width, weight_OD.shape());
  require(!bias_O.defined() || bias_O.shape() == Shape{outputs},
          "[linear] expected a bias of shape ({}), got {}", outputs,
          bias_O.defined() ? bias_O.shape() : Shape{});
  return visit_real(x_TD.dtype(), "linear", [&]<class T>() {
    Tensor y = Tensor::empty({rows, outputs}, x_TD.dtype(), ctx.device);
    const T* const bias = bias_O.defined() ? bias_O.data<T>() : nullptr;
    ON_DEVICE(ctx.executor(), linear_forward, rows, width, outputs, x_TD.data<T>(), weight_OD.data<T>(), bias,
              y.data<T>());
    if (ctx.records({x_TD, weight_OD, bias_O})) {
      ctx.record("linear", y, [on = ctx.executor(), x_TD, weight_OD, bias_O](const Tensor& dy) {
        const int64_t t = x_TD.rows(), d = x_TD.cols(), o = weight_OD.rows();
        if (x_TD.needs_grad()) {
          const auto [dx, add] = x_TD.grad_sink();
          ON_DEVICE(on, linear_backward_x, t, d, o, dy.data<T>(), weight_OD.data<T>(), dx.template data<T>(),
                    add);
        }
        ON_DEVICE(on, linear_backward_weight, t, d, o, x_TD.data<T>(), dy.data<T>(),
                  grad_or_null<T>(weight_OD), grad_or_null<T>(bias_O));
      });
    }
    return y;
  });
}

}  // namespace cce
