// The softmax of rows whose scores come by a few at a time and are not kept (Milakov and Gimelshein 2018,
// "Online normalizer calculation for softmax"): sums are of exp(score - largest so far), and made smaller
// whenever a larger score comes.
#pragma once

#include "engine/cuda/tile_math.h"

namespace cce::cuda {

/// One thread's share of it, in the layout of tile_math.h: rows 8 r + g of the warp's, r = 0 .. kThreadRows -
/// 1, and of these the columns that the thread has. `total` is that of its columns alone until quad_sum().
template <class Math>
struct OnlineSoftmax {
  using Shape = TileShape<Math::kWidth>;
  static constexpr int kThreadRows = 2 * Shape::kRowTiles;

  float largest[kThreadRows], total[kThreadRows];
  Sums<Math::kWidth> sums;

  __device__ void clear() {
#pragma unroll
    for (int r = 0; r < kThreadRows; ++r) largest[r] = -INFINITY, total[r] = 0;
#pragma unroll
    for (int i = 0; i < kThreadRows * Shape::kColTiles * 2; ++i)
      sums[i / (Shape::kColTiles * 4)][i / 4 % Shape::kColTiles][i % 4] = 0;
  }

  /// Takes 32 more scores of each row, which become exp(score - largest).
  __device__ void add(Scores<Math::kWidth>& s) {
    bool changed = false;
    float factor[kThreadRows];
#pragma unroll
    for (int r = 0; r < kThreadRows; ++r) {
      float most = largest[r];
#pragma unroll
      for (int i = 0; i < kStepTiles * 2; ++i) {
        const float score = s[r / 2][i / 2][r % 2 * 2 + i % 2];
        most = most < score ? score : most;
      }
      most = quad_max(most);
      changed |= most > largest[r];
      factor[r] = Math::exp(largest[r] - most);
      largest[r] = most;
    }
    if (__any_sync(kAllLanes, changed)) rescale(factor);  // rare, once the first few items are through
#pragma unroll
    for (int r = 0; r < kThreadRows; ++r) {
      float here = 0;
#pragma unroll
      for (int i = 0; i < kStepTiles * 2; ++i) {
        float& score = s[r / 2][i / 2][r % 2 * 2 + i % 2];
        score = Math::exp(score - largest[r]);
        here += score;
      }
      total[r] += here;
    }
  }

  __device__ void rescale(const float (&factor)[kThreadRows]) {
#pragma unroll
    for (int r = 0; r < kThreadRows; ++r) {
      total[r] *= factor[r];
#pragma unroll
      for (int i = 0; i < Shape::kColTiles * 2; ++i) sums[r / 2][i / 2][r % 2 * 2 + i % 2] *= factor[r];
    }
  }
};

}  // namespace cce::cuda
