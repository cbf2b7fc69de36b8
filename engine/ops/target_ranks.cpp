#include "engine/ops/target_ranks.h"

#include <algorithm>
#include <cmath>

#include "engine/ops/item_panels.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kRowGrain = 48;

/// A score by the same chain of multiply-adds as in the product, hence with the same bits.
template <class T>
T score(int64_t width, const T* x, const T* w) {
  T total = 0;
  for (int64_t k = 0; k < width; ++k) total = std::fma(x[k], w[k], total);
  return total;
}

/// How many candidates score higher than the target, and how many the same.
struct Counts {
  int64_t higher = 0, same = 0;

  template <class T>
  void count(T score, T target, int64_t times) {
    higher += score > target ? times : 0;
    same += score == target ? times : 0;
  }
};

/// Counts over all rows of the table for rows [begin, end) of x, compared with target_scores (one per row).
template <class T>
void count_rows(const ItemPanels<T>& panels, const T* x, int64_t begin, int64_t end, const T* target_scores,
                Counts* counts) {
  using Mask = decltype(simd::vec<T>{} > simd::vec<T>{});  // per lane -1 where true, 0 where not
  constexpr int64_t kPanel = ItemPanels<T>::kPanel;
  Mask higher[kRowGrain] = {}, same[kRowGrain] = {};
  for (int64_t item = 0; item < panels.items; item += kPanel) {
    gemm_detail::for_each_row_tile(end - begin, [&]<int Rows>(int64_t row) {
      simd::vec<T> scores[Rows][2];
      gemm_detail::multiply<Rows, 2>(Strided<T>{x + (begin + row) * panels.width, panels.width, 1},
                                     panels.panel(item), kPanel, panels.width, scores);
      for (int i = 0; i < Rows; ++i) {
        const simd::vec<T> target = simd::splat(target_scores[row + i]);
        higher[row + i] += (scores[i][0] > target) + (scores[i][1] > target);
        same[row + i] += (scores[i][0] == target) + (scores[i][1] == target);
      }
    });
  }
  const int64_t beyond =
      (kPanel - panels.items % kPanel) % kPanel;  // zeros after the last item score exactly 0
  for (int64_t row = 0; row < end - begin; ++row) {
    for (int lane = 0; lane < simd::kLanes<T>; ++lane) {
      counts[row].higher -= higher[row][lane], counts[row].same -= same[row][lane];
    }
    counts[row].count(T{0}, target_scores[row], -beyond);
  }
}

}  // namespace
}  // namespace cpu

void SeenItems::add_row(std::span<const int32_t> history) {
  const auto begin = static_cast<std::ptrdiff_t>(items.size());
  items.insert(items.end(), history.begin(), history.end());
  std::sort(items.begin() + begin, items.end());
  items.erase(std::unique(items.begin() + begin, items.end()), items.end());
  offsets.push_back(static_cast<int64_t>(items.size()));
}

namespace {

template <class T>
TargetRanks ranks_of(const Context& ctx, const Tensor& x_BD, const Tensor& table_ID, const Tensor& targets_B,
                     const SeenItems& seen, Seen treatment) {
  const int64_t rows = x_BD.rows(), width = x_BD.cols(), items = table_ID.rows();
  const T *const x = x_BD.data<T>(), *const table = table_ID.data<T>();
  const int32_t* const targets = targets_B.data<int32_t>();
  const cpu::ItemPanels<T> panels(ctx.parallel, table, items, width);

  TargetRanks result{std::vector<int32_t>(static_cast<size_t>(rows)), static_cast<int32_t>(items - 2), 0, 0};
  std::vector<uint8_t> tied(static_cast<size_t>(rows)), excluded(static_cast<size_t>(rows));
  ctx.parallel.ranges(rows, cpu::kRowGrain, [&](int64_t begin, int64_t end) {
    T target_scores[cpu::kRowGrain];
    cpu::Counts counts[cpu::kRowGrain];
    for (int64_t row = begin; row < end; ++row) {
      const auto history = seen.row(row);
      const bool target_seen = std::ranges::binary_search(history, targets[row]);
      T& target = target_scores[row - begin];
      target = cpu::score(width, x + row * width, table + targets[row] * width);
      require(std::isfinite(target),
              "the scores are not finite: the weights are damaged, or training diverged");
      if (target_seen && treatment == Seen::zero) target = 0;
      excluded[static_cast<size_t>(row)] = target_seen && treatment == Seen::exclude;
    }
    cpu::count_rows(panels, x, begin, end, target_scores, counts);
    for (int64_t row = begin; row < end; ++row) {
      const T target = target_scores[row - begin];
      cpu::Counts& count = counts[row - begin];
      const auto counted = [&](int64_t item) {
        return cpu::score(width, x + row * width, table + item * width);
      };
      count.count(counted(0), target, -1);
      count.count(counted(items - 1), target, -1);
      for (const int32_t item : seen.row(row)) {
        if (treatment == Seen::keep) break;
        count.count(counted(item), target, -1);
        if (treatment == Seen::zero) count.count(T{0}, target, 1);
      }
      const bool out = excluded[static_cast<size_t>(row)] != 0;
      count.same -= out ? 0 : 1;  // the target itself
      tied[static_cast<size_t>(row)] = !out && count.same > 0;
      result.ranks_B[static_cast<size_t>(row)] =
          out ? result.candidates : static_cast<int32_t>(count.higher + (count.same + 1) / 2);
    }
  });
  result.tied = std::ranges::count(tied, 1);
  result.excluded = std::ranges::count(excluded, 1);
  return result;
}

}  // namespace

TargetRanks target_ranks(const Context& ctx, const Tensor& x_BD, const Tensor& table_ID,
                         const Tensor& targets_B, const SeenItems& seen, Seen treatment) {
  const int64_t rows = x_BD.rows(), width = x_BD.cols(), items = table_ID.rows();
  require(table_ID.shape() == Shape{items, width} && items >= 3,
          "[target_ranks] expected a table of width {} with at least one item, got shape {}", width,
          table_ID.shape().str());
  require(targets_B.size() == rows && static_cast<int64_t>(seen.offsets.size()) == rows + 1,
          "[target_ranks] expected targets and histories for {} rows, got {} and {}", rows, targets_B.size(),
          seen.offsets.size() - 1);
  for (const int32_t target : targets_B.span<int32_t>()) {
    require(target >= 1 && target <= items - 2, "[target_ranks] target {} is not one of {} items", target,
            items - 2);
  }
  for (const int32_t item : seen.items) {
    require(item >= 1 && item <= items - 2, "[target_ranks] seen item {} is not one of {} items", item,
            items - 2);
  }
  return visit_real(x_BD.dtype(), "target_ranks",
                    [&]<class T>() { return ranks_of<T>(ctx, x_BD, table_ID, targets_B, seen, treatment); });
}

}  // namespace cce
