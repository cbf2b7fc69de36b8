// Linear layer and softmax cross-entropy in one: the loss of CE and CCE. How it is computed without its
// matrix of scores stands in engine/kernels/softmax_cross_entropy.cpp.
//
// Gradients are computed together with the loss, for d(loss) = 1, since the exponentials are at hand only
// then; backward scales them where d(loss) is something else.
#include "engine/kernels/kernels.h"
#include "engine/ops/give_scaled.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

/// *loss = the mean over rows, which all count; dx and dtable, unless null, become its gradients.
template <class T>
void linear_cross_entropy_forward(Parallel& parallel, int64_t rows, int64_t width, int64_t items,
                                  const int32_t* /*rows_in_use*/, const T* x, const T* table,
                                  const int32_t* targets, T* loss, T* dx, T* dtable) {
  const double total =
      softmax_cross_entropy<T>(parallel, {.x_PD = x,
                                          .table_ID = table,
                                          .targets_P = targets,
                                          .rows = rows,
                                          .width = width,
                                          .items = items,
                                          .dx_PD = dx,
                                          .dtable_ID = dtable,
                                          .gradient_scale = static_cast<T>(1.0 / static_cast<double>(rows))});
  *loss = static_cast<T>(total / static_cast<double>(rows));
}

}  // namespace
}  // namespace cpu

Tensor linear_cross_entropy(const Context& ctx, const Tensor& x_PD, const Tensor& table_ID,
                            const Tensor& targets_P) {
  const int64_t rows = x_PD.rows(), width = x_PD.cols(), items = table_ID.rows();
  require(rows > 0, "[linear_cross_entropy] expected at least one row, got shape {}", x_PD.shape());
  require(table_ID.shape().rank() == 2 && table_ID.cols() == width,
          "[linear_cross_entropy] expected a table of width {}, got shape {}", width, table_ID.shape());
  require(targets_P.size() == rows, "[linear_cross_entropy] expected {} targets, got {}", rows,
          targets_P.size());
  for (const int32_t target : ids_on_cpu(targets_P)) {
    require(target >= 0 && target < items, "[linear_cross_entropy] target {} is not one of {} items", target,
            items);
  }
  const bool differentiate = ctx.records({x_PD, table_ID});
  return visit_real(x_PD.dtype(), "linear_cross_entropy", [&]<class T>() {
    Tensor loss = Tensor::empty({}, x_PD.dtype(), ctx.device), dx_PD, dtable_ID;
    if (differentiate) {
      dx_PD = Tensor::empty(x_PD.shape(), x_PD.dtype(), ctx.device);
      dtable_ID = Tensor::empty(table_ID.shape(), x_PD.dtype(), ctx.device);
    }
    T* const dx = differentiate ? dx_PD.data<T>() : nullptr;
    T* const dtable = differentiate ? dtable_ID.data<T>() : nullptr;
    ON_DEVICE(ctx.executor(), linear_cross_entropy_forward, rows, width, items, ctx.rows_on_gpu(),
              x_PD.data<T>(), table_ID.data<T>(), targets_P.data<int32_t>(), loss.data<T>(), dx, dtable);
    if (differentiate) {
      ctx.record("linear_cross_entropy", loss,
                 [on = ctx.executor(), x_PD, table_ID, dx_PD, dtable_ID](const Tensor& dloss) {
                   give_scaled<T>(on, dx_PD, dloss, x_PD);
                   give_scaled<T>(on, dtable_ID, dloss, table_ID);
                 });
    }
    return loss;
  });
}

}  // namespace cce
