// Linear layer and binary cross-entropy over many labels in one: what S3-Rec is pre-trained with. How it is
// computed without its matrix of scores stands in engine/kernels/multi_label.cpp.
//
// Gradients are computed together with the loss, for d(loss) = 1, since the scores' derivatives are at hand
// only then; backward scales them.
#include <utility>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/ops/give_scaled.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

/// *loss = the sum over rows, all of which count; dx and dtable, unless null, become its gradients.
template <class T>
void linear_multi_label_forward(Parallel& parallel, int64_t rows, int64_t width, int64_t labels,
                                const int32_t* /*rows_in_use*/, const T* x, const T* table,
                                const int32_t* sets, const int32_t* set_offsets, const int32_t* label_ids,
                                T* loss, T* dx, T* dtable) {
  *loss = static_cast<T>(multi_label<T>(parallel, {.x_PD = x,
                                                   .table_AD = table,
                                                   .sets_P = sets,
                                                   .set_offsets_S1 = set_offsets,
                                                   .label_ids = label_ids,
                                                   .rows = rows,
                                                   .width = width,
                                                   .labels = labels,
                                                   .dx_PD = dx,
                                                   .dtable_AD = dtable}));
}

}  // namespace
}  // namespace cpu

namespace {

void require_labels(int64_t rows, int64_t labels, const Tensor& sets_P, const LabelSets& label_sets) {
  require(sets_P.size() == rows, "[linear_multi_label] {} sets for {} rows", sets_P.size(), rows);
  const auto sets = sets_P.span<int32_t>(), offsets = label_sets.offsets_S1.span<int32_t>();
  const auto ids = label_sets.ids.span<int32_t>();
  std::vector<int64_t> last_row(static_cast<size_t>(labels), -1);  // that had the label
  for (int64_t row = 0; row < rows; ++row) {
    const int32_t set = sets[static_cast<size_t>(row)];
    require(set >= 0 && set + 1 < std::ssize(offsets), "[linear_multi_label] set {} is not one of {}", set,
            offsets.size() - 1);
    const auto at = static_cast<size_t>(set);
    require(0 <= offsets[at] && offsets[at] <= offsets[at + 1] && offsets[at + 1] <= std::ssize(ids),
            "[linear_multi_label] set {} begins at label {} and ends at {}, of {}", set, offsets[at],
            offsets[at + 1], ids.size());
    for (auto i = static_cast<size_t>(offsets[at]); i < static_cast<size_t>(offsets[at + 1]); ++i) {
      require(ids[i] >= 0 && ids[i] < labels, "[linear_multi_label] label {} is not one of {}", ids[i],
              labels);
      const int64_t previous = std::exchange(last_row[static_cast<size_t>(ids[i])], row);
      require(previous != row, "[linear_multi_label] set {} has label {} twice", set, ids[i]);
    }
  }
}

}  // namespace

Tensor linear_multi_label(const Context& ctx, const Tensor& x_PD, const Tensor& table_AD,
                          const Tensor& sets_P, const LabelSets& label_sets) {
  const int64_t rows = x_PD.rows(), width = x_PD.cols(), labels = table_AD.rows();
  require(rows > 0, "[linear_multi_label] expected at least one row, got shape {}", x_PD.shape());
  require(table_AD.shape() == Shape{labels, width},
          "[linear_multi_label] expected a table of width {}, got shape {}", width, table_AD.shape());
  if (ctx.device == Device::cpu) require_labels(rows, labels, sets_P, label_sets);
  const bool differentiate = ctx.records({x_PD, table_AD});
  return visit_real(x_PD.dtype(), "linear_multi_label", [&]<class T>() {
    Tensor loss = Tensor::empty({}, x_PD.dtype(), ctx.device), dx_PD, dtable_AD;
    if (differentiate) {
      dx_PD = Tensor::empty(x_PD.shape(), x_PD.dtype(), ctx.device);
      dtable_AD = Tensor::zeros(table_AD.shape(), x_PD.dtype(), ctx.device);
    }
    T* const dx = differentiate ? dx_PD.data<T>() : nullptr;
    T* const dtable = differentiate ? dtable_AD.data<T>() : nullptr;
    ON_DEVICE(ctx.executor(), linear_multi_label_forward, rows, width, labels, ctx.rows_on_gpu(),
              x_PD.data<T>(), table_AD.data<T>(), sets_P.data<int32_t>(),
              label_sets.offsets_S1.data<int32_t>(), label_sets.ids.data<int32_t>(), loss.data<T>(), dx,
              dtable);
    if (differentiate) {
      ctx.record("linear_multi_label", loss,
                 [on = ctx.executor(), x_PD, table_AD, dx_PD, dtable_AD](const Tensor& dloss) {
                   give_scaled<T>(on, dx_PD, dloss, x_PD);
                   give_scaled<T>(on, dtable_AD, dloss, table_AD);
                 });
    }
    return loss;
  });
}

}  // namespace cce
