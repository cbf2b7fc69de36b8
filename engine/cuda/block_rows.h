// A few rows of x that all threads of a block multiply items with: in shared memory, or, where they are too
// wide for it, where they are. Either way a block reads each number of an item once for all of them.
#pragma once

#include "engine/cuda/launch.h"

namespace cce::cuda {

constexpr int kBlockRows = 8;
/// Columns up to which a block's rows are put into shared memory: 32 KB, which every GPU has.
constexpr int64_t kWidestShared = 1024;

/// Of shared memory, for the launch.
inline int64_t block_rows_bytes(int64_t width) {
  return width <= kWidestShared ? kBlockRows * width * static_cast<int64_t>(sizeof(float)) : 0;
}

/// The rows of x from `first` on. at() of a row that x does not have is some number.
template <bool kShared>
class BlockRows {
 public:
  /// All threads of a block at once.
  __device__ BlockRows(int64_t rows, int64_t width, int64_t first, const float* x)
      : width_(width), last_(static_cast<int>(rows - first < kBlockRows ? rows - first : kBlockRows) - 1) {
    numbers_ = x + first * width;
    if constexpr (kShared) {
      float* const here = dynamic_shared<float>();  // [kBlockRows, width]
      for (int64_t i = threadIdx.x; i < kBlockRows * width; i += blockDim.x) {
        here[i] = i < (last_ + 1) * width ? numbers_[i] : 0.0F;
      }
      __syncthreads();
      numbers_ = here;
    }
  }
  __device__ float at(int row, int64_t k) const {
    return numbers_[(kShared || row < last_ ? row : last_) * width_ + k];
  }

 private:
  const float* numbers_;
  int64_t width_;
  int last_;
};

}  // namespace cce::cuda
