// Compares all scores of a row with the worst that is still among its best, in the epilogue of the product.
#include <algorithm>

// last, see simd.h
#include "engine/kernels/item_panels.h"

namespace cce::cpu {
inline namespace CCE_ISA {
namespace {

constexpr int64_t kRowGrain = 48;

/// Offers the candidates among the scores of kLanes neighbouring items, of which few exceed the threshold.
template <class T>
void offer_lanes(const simd::vec<T>& scores, int64_t first_item, int64_t items,
                 std::span<const int32_t> excluded, TopList<T>& best) {
  for (int lane = 0; lane < simd::kLanes<T>; ++lane) {
    const int64_t item = first_item + lane;
    if (!(scores[lane] > best.threshold()) || item == 0 || item >= items - 1) continue;
    const auto id = static_cast<int32_t>(item);
    if (!std::binary_search(excluded.begin(), excluded.end(), id)) best.offer(id, scores[lane]);
  }
}

template <class T>
bool any_above(const simd::vec<T>& scores, T threshold) {
  const auto above = scores > simd::splat(threshold);
  bool any = false;
  for (int lane = 0; lane < simd::kLanes<T>; ++lane) any |= above[lane] != 0;
  return any;
}

/// All items for rows [begin, end), at most kRowGrain.
template <class T>
void offer_items(const ItemPanels<T>& panels, const TopItemsProblem<T>& problem, int64_t begin, int64_t end) {
  constexpr int64_t kPanel = ItemPanels<T>::kPanel;
  constexpr int kVecs = gemm_detail::kTileVecs;
  for (int64_t item = 0; item < panels.items; item += kPanel) {
    gemm_detail::for_each_row_tile(end - begin, [&]<int Rows>(int64_t first) {
      simd::vec<T> scores[Rows][kVecs];
      gemm_detail::multiply<Rows, kVecs>(
          Strided<T>{problem.x_BD + (begin + first) * panels.width, panels.width, 1}, panels.panel(item),
          kPanel, panels.width, scores);
      for (int i = 0; i < Rows; ++i) {
        const int64_t row = begin + first + i;
        TopList<T>& best = problem.best_B[row];
        for (int j = 0; j < kVecs; ++j) {
          if (!any_above<T>(scores[i][j], best.threshold())) continue;
          offer_lanes<T>(scores[i][j], item + j * simd::kLanes<T>, panels.items,
                         problem.excluded(problem.context, row), best);
        }
      }
    });
  }
}

}  // namespace
}  // namespace CCE_ISA

template <class Isa, class T>
void Kernels<Isa, T>::top_items(Parallel& parallel, const TopItemsProblem<T>& problem) {
  const ItemPanels<T> panels(parallel, problem.table_ID, problem.items, problem.width);
  parallel.ranges(problem.rows, kRowGrain,
                  [&](int64_t begin, int64_t end) { offer_items(panels, problem, begin, end); });
}

template void Kernels<CurrentIsa, float>::top_items(Parallel&, const TopItemsProblem<float>&);
template void Kernels<CurrentIsa, double>::top_items(Parallel&, const TopItemsProblem<double>&);

}  // namespace cce::cpu
