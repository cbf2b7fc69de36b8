// The item table, packed for score products. Private to kernel files.
//
// Scores are x W^T with W [items, width] row-major, but the product kernel wants the second matrix's rows as
// vectors. So W is transposed once per use, in panels of `kPanel` neighbouring items: panel p holds, for k =
// 0 .. width-1, the k-th coordinate of items p * kPanel .. p * kPanel + kPanel-1 side by side. Items are also
// cut into blocks, the unit of work of a thread; a block's panels (width 64: 128 KB) fit the second-level
// cache.
#pragma once

#include <algorithm>

#include "engine/parallel.h"
#include "engine/tensor.h"
// last, see simd.h
#include "engine/kernels/gemm_tiles.h"

namespace cce::cpu {
inline namespace CCE_ISA {

template <class T>
struct ItemPanels {
  static constexpr int64_t kPanel = gemm_detail::kTileVecs * simd::kLanes<T>;
  static constexpr int64_t kBlock = 512;
  static_assert(kBlock % kPanel == 0);
  static_assert(gemm_detail::kTileDepth % kPanel == 0, "the product takes whole panels at a time");

  int64_t items, width;
  Tensor packed;  // [blocks * kBlock, width] numbers, panel by panel; items beyond the last are zeros

  ItemPanels(Parallel& parallel, const T* table, int64_t item_count, int64_t table_width)
      : items(item_count),
        width(table_width),
        packed(Tensor::empty({blocks() * kBlock, width}, dtype_of<T>())) {
    parallel.blocks(blocks(), [&](int64_t block) {
      for (int64_t first = block * kBlock; first < (block + 1) * kBlock; first += kPanel) pack(table, first);
    });
  }

  int64_t blocks() const { return (items + kBlock - 1) / kBlock; }
  /// Number of real items in a block.
  int64_t block_items(int64_t block) const { return std::min(kBlock, items - block * kBlock); }
  /// The panel that starts with item `first`: [width, kPanel].
  const T* panel(int64_t first) const { return packed.data<T>() + first * width; }

 private:
  void pack(const T* table, int64_t first) {
    T* const out = packed.data<T>() + first * width;
    for (int64_t lane = 0; lane < kPanel; ++lane) {
      const int64_t item = first + lane;
      for (int64_t k = 0; k < width; ++k)
        out[k * kPanel + lane] = item < items ? table[item * width + k] : T{0};
    }
  }
};

}  // namespace CCE_ISA
}  // namespace cce::cpu
