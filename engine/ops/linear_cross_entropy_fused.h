// The softmax cross-entropy on the GPU without its matrix of scores. Private to linear_cross_entropy.cu and
// tests.
#pragma once

#include <cstdint>

#include "engine/device.h"

namespace cce::cuda {

/// See linear_cross_entropy_forward(): losses[row] instead of their mean.
struct SoftmaxProblem {
  int64_t rows, width, items;
  const int32_t* rows_in_use;
  const float *x, *table;  ///< [rows, width], [items, width]
  const int32_t* targets;  ///< [rows]
  float* losses;           ///< [rows]
  float *dx, *dtable;      ///< d(mean loss), written; null: not wanted
};

/// Whether the fused form can be computed: width a multiple of 4, at most 128.
bool can_fuse_softmax(int64_t width);

/// How the items are cut. The result's last bits depend on it, so it depends on nothing but the sizes, and is
/// the same for rows that were filled up to a multiple of 128.
struct SoftmaxCut {
  int64_t blocks = 264;  ///< that share the items of all tiles of rows: two for each of 132 multiprocessors
  int64_t section = 1 << 15;  ///< items whose sums are taken by themselves before they join the others', so
                              ///< that float32 sums over millions stay accurate; a multiple of 64
};

/// Scratch is about rows x (width + 2), at least 264 tiles of 64 or 128 rows: never more for more items.
void fused_softmax(Precision precision, const SoftmaxProblem& problem, const SoftmaxCut& cut = {});

}  // namespace cce::cuda
