// The item table, packed for score products. Private to kernel files.
//
// Scores are x W^T with W [items, width] row-major, but the product kernel wants the second matrix's rows as
// vectors. So W is transposed once per use, in panels of `kPanel` neighbouring items: panel p holds, for k =
// 0 .. width-1, the k-th coordinate of items p * kPanel .. p * kPanel + kPanel-1 side by side. Items are also
// cut into blocks, the unit of work of a thread; a block's panels (width 64: 128 KB) fit the second-level
// cache.
#pragma once

#include <algorithm>

#include "engine/host_memory.h"
#include "engine/parallel.h"
// last, see simd.h
#include "engine/kernels/gemm_tiles.h"

namespace cce::cpu {
inline namespace CCE_ISA {

/// Numbers that a kernel works with, as a plain pointer: Tensor::data() is a call that checks.
template <class T>
struct Scratch {
  explicit Scratch(int64_t size) : memory(host_memory(size * static_cast<int64_t>(sizeof(T)))) {}
  std::shared_ptr<void> memory;
  T* data = static_cast<T*>(memory.get());
};

/// Items side by side in a panel: the width of a tile of scores.
template <class T>
inline constexpr int64_t kPanelItems = gemm_detail::kTileVecs* simd::kLanes<T>;

/// panel[width, kPanelItems] = the rows first, first + 1, ... of table[items, width], transposed; zeros for
/// rows beyond the last.
template <class T>
void pack_panel(const T* table, int64_t first, int64_t items, int64_t width, T* panel) {
  const int64_t real = std::clamp<int64_t>(items - first, 0, kPanelItems<T>);
  for (int64_t k = 0; k < width; ++k) {
    for (int64_t lane = 0; lane < real; ++lane)
      panel[k * kPanelItems<T> + lane] = table[(first + lane) * width + k];
    std::fill(panel + k * kPanelItems<T> + real, panel + (k + 1) * kPanelItems<T>, T{0});
  }
}

/// rows[real, width] = the first `real` items of panel[width, kPanelItems].
template <class T>
void unpack_panel(const T* panel, int64_t real, int64_t width, T* rows) {
  for (int64_t lane = 0; lane < real; ++lane) {
    for (int64_t k = 0; k < width; ++k) rows[lane * width + k] = panel[k * kPanelItems<T> + lane];
  }
}

template <class T>
struct ItemPanels {
  static constexpr int64_t kPanel = kPanelItems<T>;
  static constexpr int64_t kBlock = 512;
  static_assert(kBlock % kPanel == 0);
  static_assert(gemm_detail::kTileDepth % kPanel == 0, "the product takes whole panels at a time");

  int64_t items, width;
  Scratch<T> packed;  // [blocks * kBlock, width] numbers, panel by panel; items beyond the last are zeros

  ItemPanels(Parallel& parallel, const T* table, int64_t item_count, int64_t table_width)
      : items(item_count), width(table_width), packed(blocks() * kBlock * width) {
    parallel.blocks(blocks(), [&](int64_t block) {
      for (int64_t first = block * kBlock; first < (block + 1) * kBlock; first += kPanel) {
        pack_panel(table, first, items, width, packed.data + first * width);
      }
    });
  }

  int64_t blocks() const { return (items + kBlock - 1) / kBlock; }
  /// Number of real items in a block.
  int64_t block_items(int64_t block) const { return std::min(kBlock, items - block * kBlock); }
  /// The panel that starts with item `first`: [width, kPanel].
  const T* panel(int64_t first) const { return packed.data + first * width; }
};

}  // namespace CCE_ISA
}  // namespace cce::cpu
