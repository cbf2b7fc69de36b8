// A matrix going through shared memory, some rows (64, mostly) at a time: while a block computes with some,
// the next are copied. They come as they are (start_copy), and are then rounded, once, into the place that
// all warps read.
#pragma once

#include "engine/cuda/async_copy.h"
#include "engine/cuda/tile_math.h"

namespace cce::cuda {

template <class Math>
class StreamedRows {
 public:
  static constexpr int kRows = Math::kStreamed;
  using Element = typename Math::Element;
  /// Of shared memory.
  static constexpr int kBytes = kRows * (Math::kWidth * static_cast<int>(sizeof(float)) +
                                         Math::kStride * static_cast<int>(sizeof(Element)));

  /// The matrix's width must be a multiple of 4.
  __device__ StreamedRows(const PaddedMatrix& matrix, unsigned char* shared)
      : matrix_(matrix),
        coming_(reinterpret_cast<float*>(shared)),
        here_(reinterpret_cast<Element*>(coming_ + kRows * Math::kWidth)) {}

  /// Starts copying kRows rows from `first` on; those from `end` on become zeros. Does nothing where there is
  /// none: nobody would wait for those copies, and the memory is another block's as soon as this one ends.
  __device__ void start(int64_t first, int64_t end) {
    if (first >= end) return;
#pragma unroll 1
    for (int i = threadIdx.x; i < kQuads; i += blockDim.x) {
      const int64_t row = first + i / kQuadsOfRow, col = i % kQuadsOfRow * 4;
      const bool present = row < end && col < matrix_.width;
      start_copy(coming_ + 4 * i, matrix_.data + (present ? row * matrix_.width + col : 0), present);
    }
  }

  /// Takes the rows that were started last to where rows() finds them. All threads call it; the block must
  /// wait before (nobody reads what is there any more) and after.
  __device__ void take() {
    wait_for_copies();
#pragma unroll 4
    for (int i = threadIdx.x; i < kQuads; i += blockDim.x) {  // those that this thread itself has copied
      Element* const to = here_ + i / kQuadsOfRow * Math::kStride + i % kQuadsOfRow * Math::kQuad;
      Math::store(to, *reinterpret_cast<const float4*>(coming_ + 4 * i));
    }
  }

  /// Row `first` of those that are here.
  __device__ const Element* rows(int first) const {
    return here_ + first * Math::kStride;
  }

 private:
  static constexpr int kQuadsOfRow = Math::kWidth / 4, kQuads = kRows * kQuadsOfRow;

  PaddedMatrix matrix_;
  float* coming_;
  Element* here_;
};

}  // namespace cce::cuda
