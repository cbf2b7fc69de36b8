// Compares all scores of a row with that of its target, in the epilogue of the product.
#include <algorithm>

// last, see simd.h
#include "engine/kernels/item_panels.h"

namespace cce::cpu {
inline namespace CCE_ISA {
namespace {

constexpr int64_t kRowGrain = 48;

/// Counts over all items for rows [0, rows) of x, at most kRowGrain.
template <class T>
void count_rows(const ItemPanels<T>& panels, const T* x, int64_t rows, const T* target_scores,
                RankCounts* counts) {
  using Mask = decltype(simd::vec<T>{} > simd::vec<T>{});  // per lane -1 where true, 0 where not
  constexpr int64_t kPanel = ItemPanels<T>::kPanel;
  constexpr int kVecs = gemm_detail::kTileVecs;
  Mask higher[kRowGrain] = {}, same[kRowGrain] = {};
  for (int64_t item = 0; item < panels.items; item += kPanel) {
    gemm_detail::for_each_row_tile(rows, [&]<int Rows>(int64_t row) {
      simd::vec<T> scores[Rows][kVecs];
      gemm_detail::multiply<Rows, kVecs>(Strided<T>{x + row * panels.width, panels.width, 1},
                                         panels.panel(item), kPanel, panels.width, scores);
      for (int i = 0; i < Rows; ++i) {
        const simd::vec<T> target = simd::splat(target_scores[row + i]);
        for (int j = 0; j < kVecs; ++j) {
          higher[row + i] += scores[i][j] > target;
          same[row + i] += scores[i][j] == target;
        }
      }
    });
  }
  // Zeros after the last item score exactly 0.
  const int64_t beyond = (kPanel - panels.items % kPanel) % kPanel;
  for (int64_t row = 0; row < rows; ++row) {
    for (int lane = 0; lane < simd::kLanes<T>; ++lane) {
      counts[row].higher -= higher[row][lane], counts[row].same -= same[row][lane];
    }
    counts[row].count(T{0}, target_scores[row], -beyond);
  }
}

}  // namespace
}  // namespace CCE_ISA

template <class Isa, class T>
void Kernels<Isa, T>::count_ranks(Parallel& parallel, const T* x_BD, const T* table_ID, int64_t rows,
                                  int64_t width, int64_t items, const T* target_scores_B,
                                  RankCounts* counts_B) {
  const ItemPanels<T> panels(parallel, table_ID, items, width);
  parallel.ranges(rows, kRowGrain, [&](int64_t begin, int64_t end) {
    count_rows(panels, x_BD + begin * width, end - begin, target_scores_B + begin, counts_B + begin);
  });
}

template void Kernels<CurrentIsa, float>::count_ranks(Parallel&, const float*, const float*, int64_t, int64_t,
                                                      int64_t, const float*, RankCounts*);
template void Kernels<CurrentIsa, double>::count_ranks(Parallel&, const double*, const double*, int64_t,
                                                       int64_t, int64_t, const double*, RankCounts*);

}  // namespace cce::cpu
