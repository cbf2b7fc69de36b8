// Linear layer and softmax cross-entropy in one: the loss of CE and CCE. How it is computed without its
// matrix of scores stands in engine/kernels/softmax_cross_entropy.cpp.
//
// Gradients are computed together with the loss, for d(loss) = 1, since the exponentials are at hand only
// then; backward scales them where d(loss) is something else.
#include "engine/kernels/kernels.h"
#include "engine/ops/give_scaled.h"
#include "engine/ops/ops.h"

namespace cce {

Tensor linear_cross_entropy(const Context& ctx, const Tensor& x_PD, const Tensor& table_ID,
                            const Tensor& targets_P) {
  const int64_t rows = x_PD.rows(), width = x_PD.cols(), items = table_ID.rows();
  require(rows > 0, "[linear_cross_entropy] expected at least one row, got shape {}", x_PD.shape().str());
  require(table_ID.shape().rank() == 2 && table_ID.cols() == width,
          "[linear_cross_entropy] expected a table of width {}, got shape {}", width, table_ID.shape().str());
  require(targets_P.size() == rows, "[linear_cross_entropy] expected {} targets, got {}", rows,
          targets_P.size());
  for (const int32_t target : targets_P.span<int32_t>()) {
    require(target >= 0 && target < items, "[linear_cross_entropy] target {} is not one of {} items", target,
            items);
  }
  const bool differentiate = ctx.records({x_PD, table_ID});
  return visit_real(x_PD.dtype(), "linear_cross_entropy", [&]<class T>() {
    Tensor loss = Tensor::empty({}, x_PD.dtype()), dx_PD, dtable_ID;
    if (differentiate) {
      dx_PD = Tensor::empty(x_PD.shape(), x_PD.dtype());
      dtable_ID = Tensor::empty(table_ID.shape(), x_PD.dtype());
    }
    const double total = cpu::softmax_cross_entropy<T>(
        ctx.parallel, {.x_PD = x_PD.data<T>(),
                       .table_ID = table_ID.data<T>(),
                       .targets_P = targets_P.data<int32_t>(),
                       .rows = rows,
                       .width = width,
                       .items = items,
                       .dx_PD = differentiate ? dx_PD.data<T>() : nullptr,
                       .dtable_ID = differentiate ? dtable_ID.data<T>() : nullptr,
                       .gradient_scale = static_cast<T>(1.0 / static_cast<double>(rows))});
    *loss.data<T>() = static_cast<T>(total / static_cast<double>(rows));
    if (differentiate) {
      ctx.record("linear_cross_entropy", loss,
                 [&parallel = ctx.parallel, x_PD, table_ID, dx_PD, dtable_ID](const Tensor& dloss) {
                   const T scale = static_cast<T>(dloss.item());
                   cpu::give_scaled<T>(parallel, dx_PD, scale, x_PD);
                   cpu::give_scaled<T>(parallel, dtable_ID, scale, table_ID);
                 });
    }
    return loss;
  });
}

}  // namespace cce
