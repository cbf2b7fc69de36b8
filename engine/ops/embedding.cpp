// Rows of a table by number: item embeddings, and the rows of a matrix that a loss looks at.
#include <algorithm>

#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

/// y[T, D] = table[ids[T], :].
template <class T>
void embedding_forward(Parallel& parallel, int64_t count, int64_t width, const T* table, const int32_t* ids,
                       T* y) {
  parallel.ranges(count, 256, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) std::copy_n(table + ids[t] * width, width, y + t * width);
  });
}

/// dtable[ids[t], :] += dy[t, :], row after row in the order of t. One thread: an id may occur many times,
/// and the work is a few hundred thousand additions.
template <class T>
void embedding_backward(Parallel&, int64_t count, int64_t width, int64_t /*rows*/, const int32_t* ids,
                        int64_t padding_row, const T* dy, T* dtable) {
  for (int64_t t = 0; t < count; ++t) {
    if (ids[t] == padding_row) continue;
    T* const row = dtable + ids[t] * width;
    for (int64_t k = 0; k < width; ++k) row[k] += dy[t * width + k];
  }
}

}  // namespace
}  // namespace cpu

namespace {

Tensor gather(const Context& ctx, const char* op, const Tensor& table_ID, const Tensor& ids_T,
              int64_t padding_row) {
  const int64_t rows = table_ID.rows(), width = table_ID.cols(), count = ids_T.size();
  for (const int32_t id : ids_on_cpu(ids_T)) {
    require(id >= 0 && id < rows, "[{}] id {} is not a row of a table of shape {}", op, id, table_ID.shape());
  }
  return visit_real(table_ID.dtype(), op, [&]<class T>() {
    Tensor y = Tensor::empty({count, width}, table_ID.dtype(), ctx.device);
    ON_DEVICE(ctx.executor(), embedding_forward, count, width, table_ID.data<T>(), ids_T.data<int32_t>(),
              y.data<T>());
    if (ctx.records({table_ID})) {
      ctx.record(op, y, [on = ctx.executor(), table_ID, ids_T, padding_row](const Tensor& dy) {
        T* const dtable = table_ID.grad_to_add().template data<T>();
        ON_DEVICE(on, embedding_backward, ids_T.size(), table_ID.cols(), table_ID.rows(),
                  ids_T.data<int32_t>(), padding_row, dy.data<T>(), dtable);
      });
    }
    return y;
  });
}

}  // namespace

Tensor embedding(const Context& ctx, const Tensor& table_ID, const Tensor& ids_T, int64_t padding_row) {
  return gather(ctx, "embedding", table_ID, ids_T, padding_row);
}

Tensor select_rows(const Context& ctx, const Tensor& x_TD, const Tensor& rows_P) {
  return gather(ctx, "select_rows", x_TD, rows_P, -1);
}

}  // namespace cce
