// Two products of tiles, one behind the other, without storing what is between them:
//
//   S[m, n] = A[m] . B[n]        then        O[m, :] += f(S)[m, n] B[n, :]
//
// A warp keeps kRowTiles x 16 rows of A and goes through B, which stands in shared memory, kStep = 32 rows at
// a time. A thread's numbers of S and O lie as tensor cores want them (mma.h): with lane = 4 g + t, it has
// rows g and g + 8 of every tile of 16, and columns 2t and 2t + 1 of every tile of 8. So f(S) is at once what
// the second product takes, and a row's numbers are with four neighbouring lanes.
//
// Tf32 and Bf16 round A, B and f(S) and leave the products to tensor cores; Fp32 does the same with fused
// multiply-adds. kWidth is the matrices' width, filled up with zeros: 64, 80 or 128. With 64, a thread has 32
// rows to a warp: 64 registers of O, 32 of S and up to 64 of A; wider rows leave room for 16 only.
#pragma once

#include "engine/cuda/mma.h"
#include "engine/cuda/reduce.h"

namespace cce::cuda {

constexpr int kStep = 32;  ///< rows of B
constexpr int kStepTiles = kStep / 8;

template <int kWidth>
struct TileShape {
  static constexpr int kRowTiles = kWidth <= 64 ? 2 : 1;
  static constexpr int kRows = 16 * kRowTiles;  ///< of A in a warp
  static constexpr int kColTiles = kWidth / 8;
};

/// S and O as one thread has them.
template <int kWidth>
using Scores = float[TileShape<kWidth>::kRowTiles][kStepTiles][4];
template <int kWidth>
using Sums = float[TileShape<kWidth>::kRowTiles][TileShape<kWidth>::kColTiles][4];

/// A matrix of which what lies outside is zeros.
struct PaddedMatrix {
  const float* data;
  int64_t rows, width;
  __device__ float at(int64_t row, int64_t col) const {
    return row < rows && col < width ? data[row * width + col] : 0.0F;
  }
};

// Each of the three has
//   Element, kStride     what B is in shared memory, and how many of them from one row to the next: such that
//                        neither product has bank conflicts
//   kQuad                how many of them hold four numbers
//   kKeptScratch         floats of shared memory that a warp needs for itself, for the first product
//   kWarpScratch         the same for both
//   kStreamed            rows of B that are in shared memory together
//   store()              puts four numbers of a row of B there
//   Kept                 what a thread keeps of A
//   multiply(), add_up() the first and the second product, of the 32 rows of B that begin at `b`
//   rounded()            a number of A or B as the products see it
//   exp()

/// Full precision. A is kept in shared memory, and f(S) goes through it.
template <int kWidthOf>
struct Fp32 {
  static constexpr int kWidth = kWidthOf;
  using Shape = TileShape<kWidth>;
  using Element = float;
  static constexpr int kQuad = 4, kStride = kWidth + 4, kScoreStride = kStep + 4;
  static constexpr int kKeptScratch = Shape::kRows * kStride;
  static constexpr int kWarpScratch = kKeptScratch + Shape::kRows * kScoreStride;
  static constexpr int kStreamed = kWidth <= 80 ? 64 : 32;

  __device__ static void store(float* to, const float4& numbers) { *reinterpret_cast<float4*>(to) = numbers; }
  __device__ static float rounded(float x) { return x; }
  __device__ static float exp(float x) { return std::exp(x); }

  struct Kept {
    float *a, *scores;

    __device__ Kept(const PaddedMatrix& matrix, int64_t first_row, float* scratch)
        : a(scratch), scores(scratch + kKeptScratch) {
      for (int i = lane_of_thread(); i < Shape::kRows * kWidth; i += 32)
        a[i / kWidth * kStride + i % kWidth] = matrix.at(first_row + i / kWidth, i % kWidth);
      __syncwarp();
    }
  };

  __device__ static void multiply(const Kept& kept, const float* b, Scores<kWidth>& s) {
    const int g = lane_of_thread() / 4, t = lane_of_thread() % 4;
#pragma unroll 1
    for (int k = 0; k < kWidth; k += 4) {
      float4 a[Shape::kRowTiles][2];
#pragma unroll
      for (int m = 0; m < Shape::kRowTiles; ++m) {
        for (int h = 0; h < 2; ++h)
          a[m][h] = *reinterpret_cast<const float4*>(kept.a + (16 * m + 8 * h + g) * kStride + k);
      }
#pragma unroll
      for (int n = 0; n < kStepTiles * 2; ++n) {
        const float4 w = *reinterpret_cast<const float4*>(b + (n / 2 * 8 + 2 * t + n % 2) * kStride + k);
#pragma unroll
        for (int m = 0; m < Shape::kRowTiles * 2; ++m) {
          const float4& x = a[m / 2][m % 2];
          float& sum = s[m / 2][n / 2][m % 2 * 2 + n % 2];
          sum = fmaf(x.w, w.w, fmaf(x.z, w.z, fmaf(x.y, w.y, fmaf(x.x, w.x, sum))));
        }
      }
    }
  }

  __device__ static void add_up(const Kept& kept, const Scores<kWidth>& p, const float* b, Sums<kWidth>& o) {
    const int g = lane_of_thread() / 4, t = lane_of_thread() % 4;
#pragma unroll
    for (int i = 0; i < Shape::kRowTiles * kStepTiles * 2; ++i) {
      const int m = i / (2 * kStepTiles), n = i / 2 % kStepTiles, h = i % 2;
      float* const to = kept.scores + (16 * m + 8 * h + g) * kScoreStride + 8 * n + 2 * t;
      *reinterpret_cast<float2*>(to) = make_float2(p[m][n][2 * h], p[m][n][2 * h + 1]);
    }
    __syncwarp();
#pragma unroll 1
    for (int row = 0; row < kStep; ++row) {
      float weight[Shape::kRowTiles * 2];
#pragma unroll
      for (int m = 0; m < Shape::kRowTiles * 2; ++m)
        weight[m] = kept.scores[(8 * m + g) * kScoreStride + row];
#pragma unroll
      for (int j = 0; j < Shape::kColTiles; ++j) {
        const float2 w = *reinterpret_cast<const float2*>(b + row * kStride + 8 * j + 2 * t);
#pragma unroll
        for (int m = 0; m < Shape::kRowTiles * 2; ++m) {
          float* const sum = o[m / 2][j] + m % 2 * 2;
          sum[0] = fmaf(weight[m], w.x, sum[0]), sum[1] = fmaf(weight[m], w.y, sum[1]);
        }
      }
    }
    __syncwarp();  // the scores' place may be written again
  }
};

/// Factors with 10 bits behind the point. A is kept in registers.
template <int kWidthOf>
struct Tf32 {
  static constexpr int kWidth = kWidthOf;
  using Shape = TileShape<kWidth>;
  using Element = uint32_t;
  static constexpr int kQuad = 4, kStride = kWidth + 4, kKeptScratch = 0, kWarpScratch = 0, kStreamed = 64;

  __device__ static void store(uint32_t* to, const float4& x) {
    *reinterpret_cast<uint4*>(to) =
        make_uint4(round_to_tf32(x.x), round_to_tf32(x.y), round_to_tf32(x.z), round_to_tf32(x.w));
  }
  __device__ static float rounded(float x) { return __uint_as_float(round_to_tf32(x) & 0xFFFFE000u); }
  __device__ static float exp(float x) { return __expf(x); }

  struct Kept {
    uint32_t a[Shape::kRowTiles][kWidth / 8][4];

    __device__ Kept(const PaddedMatrix& matrix, int64_t first_row, float*) {
      const int g = lane_of_thread() / 4, t = lane_of_thread() % 4;
#pragma unroll
      for (int i = 0; i < Shape::kRowTiles * kWidth / 2; ++i) {
        const int m = i / (kWidth / 2), k = i / 4 % (kWidth / 8), at = i % 4;
        const float x = matrix.at(first_row + 16 * m + 8 * (at % 2) + g, 8 * k + 4 * (at / 2) + t);
        a[m][k][at] = round_to_tf32(x);
      }
    }
  };

  __device__ static void multiply(const Kept& kept, const uint32_t* b, Scores<kWidth>& s) {
    const int g = lane_of_thread() / 4, t = lane_of_thread() % 4;
#pragma unroll
    for (int k = 0; k < kWidth / 8; ++k) {
#pragma unroll
      for (int n = 0; n < kStepTiles; ++n) {
        const uint32_t* const at = b + (8 * n + g) * kStride + 8 * k + t;
#pragma unroll
        for (int m = 0; m < Shape::kRowTiles; ++m) mma_tf32(s[m][n], kept.a[m][k], at[0], at[4]);
      }
    }
  }

  /// The rows of B have no order in a sum: their numbers 2t and 2t+1, which this thread has of f(S), are
  /// taken for t and t + 4, which the product asks it for.
  __device__ static void add_up(const Kept&, const Scores<kWidth>& p, const uint32_t* b, Sums<kWidth>& o) {
    const int g = lane_of_thread() / 4, t = lane_of_thread() % 4;
#pragma unroll
    for (int n = 0; n < kStepTiles; ++n) {
      uint32_t weights[Shape::kRowTiles][4];
#pragma unroll
      for (int i = 0; i < Shape::kRowTiles * 4; ++i)
        weights[i / 4][i % 4] = round_to_tf32(p[i / 4][n][i % 4 / 2 + i % 2 * 2]);
#pragma unroll
      for (int j = 0; j < Shape::kColTiles; ++j) {
        const uint32_t* const at = b + (8 * n + 2 * t) * kStride + 8 * j + g;
#pragma unroll
        for (int m = 0; m < Shape::kRowTiles; ++m) mma_tf32(o[m][j], weights[m], at[0], at[kStride]);
      }
    }
  }
};

/// Factors with 7 bits behind the point, two to a register. A is kept in registers.
template <int kWidthOf>
struct Bf16 {
  static constexpr int kWidth = kWidthOf;
  using Shape = TileShape<kWidth>;
  using Element = uint32_t;
  static constexpr int kQuad = 2, kStride = kWidth / 2 + 4, kKeptScratch = 0, kWarpScratch = 0,
                       kStreamed = 64;

  __device__ static void store(uint32_t* to, const float4& x) {
    *reinterpret_cast<uint2*>(to) = make_uint2(pack_bf16(x.x, x.y), pack_bf16(x.z, x.w));
  }
  __device__ static float rounded(float x) { return __uint_as_float(pack_bf16(0, x)); }
  __device__ static float exp(float x) { return __expf(x); }

  struct Kept {
    uint32_t a[Shape::kRowTiles][kWidth / 16][4];

    __device__ Kept(const PaddedMatrix& matrix, int64_t first_row, float*) {
      const int g = lane_of_thread() / 4, t = lane_of_thread() % 4;
#pragma unroll
      for (int i = 0; i < Shape::kRowTiles * kWidth / 4; ++i) {
        const int m = i / (kWidth / 4), k = i / 4 % (kWidth / 16), at = i % 4;
        const int64_t row = first_row + 16 * m + 8 * (at % 2) + g, col = 16 * k + 8 * (at / 2) + 2 * t;
        a[m][k][at] = pack_bf16(matrix.at(row, col), matrix.at(row, col + 1));
      }
    }
  };

  __device__ static void multiply(const Kept& kept, const uint32_t* b, Scores<kWidth>& s) {
    const int g = lane_of_thread() / 4, t = lane_of_thread() % 4;
#pragma unroll
    for (int k = 0; k < kWidth / 16; ++k) {
#pragma unroll
      for (int n = 0; n < kStepTiles; ++n) {
        const uint32_t* const at = b + (8 * n + g) * kStride + 8 * k + t;
#pragma unroll
        for (int m = 0; m < Shape::kRowTiles; ++m) mma_bf16(s[m][n], kept.a[m][k], at[0], at[4]);
      }
    }
  }

  __device__ static void add_up(const Kept&, const Scores<kWidth>& p, const uint32_t* b, Sums<kWidth>& o) {
    const int lane = lane_of_thread();
#pragma unroll
    for (int n = 0; n < kStepTiles; n += 2) {  // 16 rows of B
      uint32_t weights[Shape::kRowTiles][4];
#pragma unroll
      for (int i = 0; i < Shape::kRowTiles * 4; ++i) {
        const float* const pair = p[i / 4][n + i % 4 / 2] + i % 2 * 2;
        weights[i / 4][i % 4] = pack_bf16(pair[0], pair[1]);
      }
#pragma unroll
      for (int j = 0; j < Shape::kColTiles; j += 2) {
        uint32_t w[4];  // rows 0 to 7 and 8 to 15, then those of the next eight columns
        load_transposed(w, b + (8 * n + lane % 16) * kStride + 4 * (j + lane / 16));
#pragma unroll
        for (int m = 0; m < Shape::kRowTiles; ++m) {
          mma_bf16(o[m][j], weights[m], w[0], w[1]);
          mma_bf16(o[m][j + 1], weights[m], w[2], w[3]);
        }
      }
    }
  }
};

}  // namespace cce::cuda
