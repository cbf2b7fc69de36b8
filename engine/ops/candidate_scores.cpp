// Scores of a few candidates per row: what the sampled losses look at instead of all items.
#include <numeric>
#include <vector>

#include "engine/kernels/simd.h"
#include "engine/ops/grain.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kItemsPerBlock = 256;

template <class T>
void add_scaled_row(int64_t width, T scale, const T* from, T* into) {
  for (int64_t k = 0; k < width; ++k) into[k] += scale * from[k];
}

/// A candidate is a look-up and a product of rows, which takes longer than a number elsewhere.
int64_t candidate_grain(int64_t candidates) {
  return row_grain(8 * candidates);
}

template <class T>
void candidate_scores_forward(Parallel& parallel, int64_t rows, int64_t width, int64_t candidates, const T* x,
                              const T* table, const int32_t* ids, T* scores) {
  parallel.ranges(rows, candidate_grain(candidates), [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      for (int64_t i = p * candidates; i < (p + 1) * candidates; ++i) {
        scores[i] = simd::dot(width, x + p * width, table + ids[i] * width);
      }
    }
  });
}

/// dx[p] += sum over c of ds[p, c] table[ids[p, c]].
template <class T>
void candidate_scores_backward_x(Parallel& parallel, int64_t rows, int64_t width, int64_t candidates,
                                 const T* table, const int32_t* ids, const T* ds, T* dx) {
  parallel.ranges(rows, candidate_grain(candidates), [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      for (int64_t i = p * candidates; i < (p + 1) * candidates; ++i) {
        add_scaled_row(width, ds[i], table + ids[i] * width, dx + p * width);
      }
    }
  });
}

/// A score's gradient on its way to the row of the table that it belongs to.
template <class T>
struct Entry {
  int32_t row;
  T ds;
};

/// dtable[ids[p, c]] += ds[p, c] x[p]. Entries are sorted by item first (a counting sort keeps their order),
/// so that a block owns its items' rows and adds to each in the order of the entries.
template <class T>
void candidate_scores_backward_table(Parallel& parallel, int64_t rows, int64_t width, int64_t candidates,
                                     int64_t items, const T* x, const int32_t* ids, const T* ds, T* dtable) {
  // Of each item, first where its entries begin, then where they end.
  std::vector<int64_t> ends(static_cast<size_t>(items) + 1, 0);
  for (int64_t i = 0; i < rows * candidates; ++i) ++ends[static_cast<size_t>(ids[i]) + 1];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<Entry<T>> sorted(static_cast<size_t>(rows * candidates));
  for (int64_t p = 0; p < rows; ++p) {
    for (int64_t i = p * candidates; i < (p + 1) * candidates; ++i) {
      sorted[static_cast<size_t>(ends[static_cast<size_t>(ids[i])]++)] = {static_cast<int32_t>(p), ds[i]};
    }
  }
  parallel.ranges(items, kItemsPerBlock, [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; ++item) {
      const int64_t first = item == 0 ? 0 : ends[static_cast<size_t>(item) - 1];
      for (int64_t at = first; at < ends[static_cast<size_t>(item)]; ++at) {
        const Entry<T>& entry = sorted[static_cast<size_t>(at)];
        add_scaled_row(width, entry.ds, x + entry.row * width, dtable + item * width);
      }
    }
  });
}

}  // namespace
}  // namespace cpu

Tensor candidate_scores(const Context& ctx, const Tensor& x_PD, const Tensor& table_ID,
                        const Tensor& ids_PC) {
  const int64_t rows = x_PD.rows(), width = x_PD.cols(), items = table_ID.rows(), candidates = ids_PC.cols();
  require(table_ID.shape() == Shape{items, width},
          "[candidate_scores] expected a table of width {}, got shape {}", width, table_ID.shape());
  require(ids_PC.rows() == rows, "[candidate_scores] expected {} rows of candidates, got shape {}", rows,
          ids_PC.shape());
  for (const int32_t id : ids_on_cpu(ids_PC)) {
    require(id >= 0 && id < items, "[candidate_scores] candidate {} is not one of {} items", id, items);
  }
  return visit_real(x_PD.dtype(), "candidate_scores", [&]<class T>() {
    Tensor scores_PC = Tensor::empty({rows, candidates}, x_PD.dtype(), ctx.device);
    ON_DEVICE(ctx.executor(), candidate_scores_forward, rows, width, candidates, x_PD.data<T>(),
              table_ID.data<T>(), ids_PC.data<int32_t>(), scores_PC.data<T>());
    if (ctx.records({x_PD, table_ID})) {
      ctx.record("candidate_scores", scores_PC,
                 [on = ctx.executor(), x_PD, table_ID, ids_PC](const Tensor& ds_PC) {
                   const int64_t p = x_PD.rows(), d = x_PD.cols(), c = ids_PC.cols();
                   const int32_t* const ids = ids_PC.data<int32_t>();
                   if (x_PD.needs_grad()) {
                     T* const dx = x_PD.grad_to_add().template data<T>();
                     ON_DEVICE(on, candidate_scores_backward_x, p, d, c, table_ID.data<T>(), ids,
                               ds_PC.data<T>(), dx);
                   }
                   if (table_ID.needs_grad()) {
                     T* const dtable = table_ID.grad_to_add().template data<T>();
                     ON_DEVICE(on, candidate_scores_backward_table, p, d, c, table_ID.rows(), x_PD.data<T>(),
                               ids, ds_PC.data<T>(), dtable);
                   }
                 });
    }
    return scores_PC;
  });
}

}  // namespace cce
