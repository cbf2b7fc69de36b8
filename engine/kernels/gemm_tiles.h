// The matrix product behind every layer: C = A B, on one thread, for whoever cut the work into blocks.
//
// A's elements are only ever broadcast, so A may be stored either way round (two strides); B's rows are read
// as vectors, so B is row-major. That covers x W (A = x), dy^T x (A = dy transposed), and, once W is
// transposed, x W^T. Every element of C is one chain of fused multiply-adds over k = 0, 1, ... that starts at
// 0 or at C: its bits depend neither on where in the matrix it stands nor on how the caller cut rows and
// columns. Private to kernel files.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "engine/kernels/kernels.h"
// last, see there
#include "engine/kernels/simd.h"

namespace cce::cpu {
inline namespace CCE_ISA {

#if defined(CCE_AVX512)
using CurrentIsa = Avx512;
#else
using CurrentIsa = Baseline;
#endif

namespace gemm_detail {

inline constexpr int kTileRows = 6;
/// Vectors in a tile's row: 6 x 2 accumulators fill 12 of AVX2's 16 registers, 6 x 4 fill 24 of AVX-512's 32.
/// Per k that is one load for 1.5 or 2.4 multiply-adds, of which two start at a time.
inline constexpr int kTileVecs = simd::kBytes == 64 ? 4 : 2;
/// k per pass. A panel of B whose rows lie 256 bytes apart (width 64) falls on a quarter of the first-level
/// cache's sets, which hold 128 lines; 64 leave room for A.
inline constexpr int64_t kTileDepth = 64;

/// sums[i][j] += sum over k of A(i, k) * b[k * b_row + j * lanes ...]: the loop where all the time goes. Only
/// for arrays that nobody else sees: g++ 12 keeps those in registers, and stores others at every k.
template <int Rows, int Vecs, class T>
[[gnu::always_inline]] inline void multiply_add(Strided<T> a, const T* b, int64_t b_row, int64_t depth,
                                                simd::vec<T> (&sums)[Rows][Vecs]) {
  // Two pointers and one stride reach six rows of A; more addresses than that do not fit the registers.
  const T* upper = a.data;
  const T* lower = Rows > 3 ? a.data + 3 * a.row : upper;
  for (; depth > 0; --depth, upper += a.col, lower += a.col, b += b_row) {
    simd::vec<T> b_k[Vecs];
    for (int j = 0; j < Vecs; ++j) b_k[j] = simd::load(b + j * simd::kLanes<T>);
    for (int i = 0; i < Rows; ++i) {
      const simd::vec<T> a_ik = simd::splat(i < 3 ? upper[i * a.row] : lower[(i - 3) * a.row]);
      for (int j = 0; j < Vecs; ++j) sums[i][j] = simd::fma(a_ik, b_k[j], sums[i][j]);
    }
  }
}

/// acc = A B.
template <int Rows, int Vecs, class T>
inline void multiply(Strided<T> a, const T* b, int64_t b_row, int64_t depth,
                     simd::vec<T> (&acc)[Rows][Vecs]) {
  simd::vec<T> sums[Rows][Vecs];
  for (int i = 0; i < Rows; ++i) {
    for (int j = 0; j < Vecs; ++j) sums[i][j] = simd::vec<T>{};
  }
  multiply_add<Rows, Vecs>(a, b, b_row, depth, sums);
  std::memcpy(acc, sums, sizeof sums);
}

/// acc += A B.
template <int Rows, int Vecs, class T>
inline void accumulate(Strided<T> a, const T* b, int64_t b_row, int64_t depth,
                       simd::vec<T> (&acc)[Rows][Vecs]) {
  simd::vec<T> sums[Rows][Vecs];
  std::memcpy(sums, acc, sizeof sums);
  multiply_add<Rows, Vecs>(a, b, b_row, depth, sums);
  std::memcpy(acc, sums, sizeof sums);
}

template <int Rows, int Vecs, class T>
inline void accumulate(Panelled<T> a, const T* b, int64_t b_row, int64_t depth,
                       simd::vec<T> (&acc)[Rows][Vecs]) {
  for (; depth > 0; depth -= a.width, a.data += a.panel, b += a.width * b_row) {
    accumulate<Rows, Vecs>(Strided<T>{a.data, a.width, 1}, b, b_row, std::min(depth, a.width), acc);
  }
}

/// C[Rows, Vecs * lanes] = start + A[Rows, depth] B[depth, Vecs * lanes].
template <int Rows, int Vecs, class A, class T>
inline void tile(A a, const T* b, int64_t b_row, T* c, int64_t c_row, int64_t depth, Start<T> start) {
  constexpr int kLanes = simd::kLanes<T>;
  simd::vec<T> acc[Rows][Vecs] = {};
  if (start.data != nullptr) {
    for (int i = 0; i < Rows; ++i) {
      for (int j = 0; j < Vecs; ++j) acc[i][j] = simd::load(start.data + i * start.row + j * kLanes);
    }
  }
  accumulate<Rows, Vecs>(a, b, b_row, depth, acc);
  for (int i = 0; i < Rows; ++i) {
    for (int j = 0; j < Vecs; ++j) simd::store(c + i * c_row + j * kLanes, acc[i][j]);
  }
}

/// Calls f.template operator()<n>(i) for tiles of n = 6 rows from row i on, and once for the 1 to 5 that
/// remain.
template <class F>
inline void for_each_row_tile(int64_t rows, F&& f) {
  int64_t i = 0;
  for (; i + kTileRows <= rows; i += kTileRows) f.template operator()<kTileRows>(i);
  switch (rows - i) {
    case 5:
      return f.template operator()<5>(i);
    case 4:
      return f.template operator()<4>(i);
    case 3:
      return f.template operator()<3>(i);
    case 2:
      return f.template operator()<2>(i);
    case 1:
      return f.template operator()<1>(i);
    default:
      return;
  }
}

template <int Vecs, class A, class T>
void column_panel(int64_t rows, A a, const T* b, int64_t b_row, T* c, int64_t c_row, int64_t depth,
                  Start<T> start) {
  for_each_row_tile(rows, [&]<int Rows>(int64_t i) {
    tile<Rows, Vecs>(a.from(i, 0), b, b_row, c + i * c_row, c_row, depth, start.from(i, 0));
  });
}

/// The last columns, fewer than a vector: the same chain of multiply-adds.
template <class A, class T>
void column_rest(int64_t rows, int64_t cols, A a, const T* b, int64_t b_row, T* c, int64_t c_row,
                 int64_t depth, Start<T> start) {
  for_each_row_tile(rows, [&]<int Rows>(int64_t first) {
    simd::vec<T> sums[Rows];
    for (int i = 0; i < Rows; ++i) {
      sums[i] = start.data != nullptr ? simd::load_first(start.data + (first + i) * start.row, cols)
                                      : simd::vec<T>{};
    }
    for (int64_t k = 0; k < depth; ++k) {
      const simd::vec<T> b_k = simd::load_first(b + k * b_row, cols);
      for (int i = 0; i < Rows; ++i) sums[i] = simd::fma(simd::splat(a(first + i, k)), b_k, sums[i]);
    }
    for (int i = 0; i < Rows; ++i) simd::store_first(c + (first + i) * c_row, sums[i], cols);
  });
}

/// C[Rows, cols] (+)= A B with at most kTileDepth of k, for who has a tile's rows of A at hand only for a
/// moment.
template <int Rows, class A, class T>
inline void row_tile(int64_t cols, int64_t depth, A a, const T* b, int64_t b_row, T* c, int64_t c_row,
                     bool add) {
  const Start<T> start = add ? Start<T>{c, c_row} : Start<T>{};
  constexpr int64_t kLanes = simd::kLanes<T>;
  int64_t j = 0;
  for (; j + kTileVecs * kLanes <= cols; j += kTileVecs * kLanes) {
    tile<Rows, kTileVecs>(a, b + j, b_row, c + j, c_row, depth, start.from(0, j));
  }
  for (; j + kLanes <= cols; j += kLanes) {
    tile<Rows, 1>(a, b + j, b_row, c + j, c_row, depth, start.from(0, j));
  }
  if (j < cols) column_rest(Rows, cols - j, a, b + j, b_row, c + j, c_row, depth, start.from(0, j));
}

/// C[rows, cols] = start + A B.
template <class A, class T>
void product(int64_t rows, int64_t cols, int64_t depth, A a, const T* b, int64_t b_row, T* c, int64_t c_row,
             Start<T> start) {
  constexpr int64_t kLanes = simd::kLanes<T>;
  for (int64_t k = 0; k < depth || k == 0; k += kTileDepth, start = {c, c_row}) {
    const int64_t part = std::min(kTileDepth, depth - k);
    const A a_part = a.from(0, k);
    const T* const b_part = b + k * b_row;
    int64_t j = 0;
    for (; j + kTileVecs * kLanes <= cols; j += kTileVecs * kLanes) {
      column_panel<kTileVecs>(rows, a_part, b_part + j, b_row, c + j, c_row, part, start.from(0, j));
    }
    for (; kTileVecs > 2 && j + 2 * kLanes <= cols; j += 2 * kLanes) {
      column_panel<2>(rows, a_part, b_part + j, b_row, c + j, c_row, part, start.from(0, j));
    }
    for (; j + kLanes <= cols; j += kLanes) {
      column_panel<1>(rows, a_part, b_part + j, b_row, c + j, c_row, part, start.from(0, j));
    }
    if (j < cols)
      column_rest(rows, cols - j, a_part, b_part + j, b_row, c + j, c_row, part, start.from(0, j));
  }
}

template <class A, class T>
void product(int64_t rows, int64_t cols, int64_t depth, A a, const T* b, int64_t b_row, T* c, int64_t c_row,
             bool add) {
  product(rows, cols, depth, a, b, b_row, c, c_row, add ? Start<T>{c, c_row} : Start<T>{});
}

}  // namespace gemm_detail

}  // namespace CCE_ISA
}  // namespace cce::cpu
