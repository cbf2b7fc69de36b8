// Scores of a few candidates per row: what the sampled losses look at instead of all items.
#include <numeric>
#include <vector>

#include "engine/ops/ops.h"
#include "engine/ops/simd.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kItemsPerBlock = 256;

template <class T>
T dot(int64_t width, const T* x, const T* w) {
  simd::vec<T> total{};
  int64_t k = 0;
  for (; k + simd::kLanes<T> <= width; k += simd::kLanes<T>) total += simd::load(x + k) * simd::load(w + k);
  T rest = simd::sum<T>(total);
  for (; k < width; ++k) rest += x[k] * w[k];
  return rest;
}

template <class T>
void add_scaled_row(int64_t width, T scale, const T* from, T* into) {
  for (int64_t k = 0; k < width; ++k) into[k] += scale * from[k];
}

int64_t row_grain(int64_t candidates) {
  return std::max<int64_t>(1, 1024 / std::max<int64_t>(1, candidates));
}

template <class T>
void candidate_scores_forward(Parallel& parallel, int64_t rows, int64_t width, int64_t candidates, const T* x,
                              const T* table, const int32_t* ids, T* scores) {
  parallel.ranges(rows, row_grain(candidates), [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      for (int64_t i = p * candidates; i < (p + 1) * candidates; ++i) {
        scores[i] = dot(width, x + p * width, table + ids[i] * width);
      }
    }
  });
}

/// dx[p] += sum over c of ds[p, c] table[ids[p, c]].
template <class T>
void candidate_scores_backward_x(Parallel& parallel, int64_t rows, int64_t width, int64_t candidates,
                                 const T* table, const int32_t* ids, const T* ds, T* dx) {
  parallel.ranges(rows, row_grain(candidates), [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p) {
      for (int64_t i = p * candidates; i < (p + 1) * candidates; ++i) {
        add_scaled_row(width, ds[i], table + ids[i] * width, dx + p * width);
      }
    }
  });
}

/// dtable[ids[p, c]] += ds[p, c] x[p]. Entries are sorted by item first (a counting sort keeps their order),
/// so that a block owns its items' rows and adds to each in the order of the entries.
template <class T>
void candidate_scores_backward_table(Parallel& parallel, int64_t rows, int64_t width, int64_t candidates,
                                     int64_t items, const T* x, const int32_t* ids, const T* ds, T* dtable) {
  const int64_t entries = rows * candidates;
  std::vector<int64_t> first(static_cast<size_t>(items) + 1, 0);  // where an item's entries begin
  for (int64_t i = 0; i < entries; ++i) ++first[static_cast<size_t>(ids[i]) + 1];
  std::partial_sum(first.begin(), first.end(), first.begin());
  std::vector<int64_t> order(static_cast<size_t>(entries)), next(first.begin(), first.end() - 1);
  for (int64_t i = 0; i < entries; ++i) order[static_cast<size_t>(next[static_cast<size_t>(ids[i])]++)] = i;

  parallel.ranges(items, kItemsPerBlock, [&](int64_t begin, int64_t end) {
    for (int64_t at = first[static_cast<size_t>(begin)]; at < first[static_cast<size_t>(end)]; ++at) {
      const int64_t i = order[static_cast<size_t>(at)];
      add_scaled_row(width, ds[i], x + i / candidates * width, dtable + ids[i] * width);
    }
  });
}

}  // namespace
}  // namespace cpu

Tensor candidate_scores(const Context& ctx, const Tensor& x_PD, const Tensor& table_ID,
                        const Tensor& ids_PC) {
  const int64_t rows = x_PD.rows(), width = x_PD.cols(), items = table_ID.rows(), candidates = ids_PC.cols();
  require(table_ID.shape() == Shape{items, width},
          "[candidate_scores] expected a table of width {}, got shape {}", width, table_ID.shape().str());
  require(ids_PC.rows() == rows, "[candidate_scores] expected {} rows of candidates, got shape {}", rows,
          ids_PC.shape().str());
  for (const int32_t id : ids_PC.span<int32_t>()) {
    require(id >= 0 && id < items, "[candidate_scores] candidate {} is not one of {} items", id, items);
  }
  return visit_real(x_PD.dtype(), "candidate_scores", [&]<class T>() {
    Tensor scores_PC = Tensor::empty({rows, candidates}, x_PD.dtype());
    cpu::candidate_scores_forward(ctx.parallel, rows, width, candidates, x_PD.data<T>(), table_ID.data<T>(),
                                  ids_PC.data<int32_t>(), scores_PC.data<T>());
    if (ctx.records({x_PD, table_ID})) {
      ctx.record("candidate_scores", scores_PC,
                 [&parallel = ctx.parallel, x_PD, table_ID, ids_PC](const Tensor& ds_PC) {
                   const int64_t p = x_PD.rows(), d = x_PD.cols(), c = ids_PC.cols();
                   const int32_t* const ids = ids_PC.data<int32_t>();
                   if (x_PD.needs_grad()) {
                     cpu::candidate_scores_backward_x(parallel, p, d, c, table_ID.data<T>(), ids,
                                                      ds_PC.data<T>(), x_PD.grad_to_add().template data<T>());
                   }
                   if (table_ID.needs_grad()) {
                     cpu::candidate_scores_backward_table(parallel, p, d, c, table_ID.rows(), x_PD.data<T>(),
                                                          ids, ds_PC.data<T>(),
                                                          table_ID.grad_to_add().template data<T>());
                   }
                 });
    }
    return scores_PC;
  });
}

}  // namespace cce
