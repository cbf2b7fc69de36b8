// The kernels that exist once for every instruction set, and the choice between them at run time.
//
// Each .cpp beside this header is compiled for the baseline (x86-64-v3: AVX2 and FMA) and for AVX-512
// (x86-64-v4); an op calls cpu::gemm() and the like, which take the one that the processor can run. The
// environment variable CCE_INSTRUCTIONS=baseline keeps to the first. Private to the engine.
//
// gemm gives the same bits on both; sums over lanes, as in softmax_cross_entropy, differ in their rounding.
#pragma once

#include <cstdint>
#include <span>

#include "engine/kernels/top_list.h"
#include "engine/parallel.h"

namespace cce::cpu {

/// How a matrix that is only read by broadcasting lies in memory: element (i, k) is data[i * row + k * col].
template <class T>
struct Strided {
  const T* data;
  int64_t row, col;

  const T& operator()(int64_t i, int64_t k) const { return data[i * row + k * col]; }
  /// The matrix from (i, k) on.
  Strided from(int64_t i, int64_t k) const { return {data + i * row + k * col, row, col}; }
};

/// The same for a matrix cut into panels of `width` neighbouring columns, each stored row by row: element
/// (i, k) is data[k / width * panel + i * width + k % width].
template <class T>
struct Panelled {
  const T* data;
  int64_t width, panel;

  const T& operator()(int64_t i, int64_t k) const { return data[k / width * panel + i * width + k % width]; }
  /// The matrix from (i, k) on; k must be the first column of a panel.
  Panelled from(int64_t i, int64_t k) const { return {data + k / width * panel + i * width, width, panel}; }
};

/// What a product is added to: element (i, j) is data[i * row + j], so with row = 0 it is one row for all;
/// zeros without data.
template <class T>
struct Start {
  const T* data = nullptr;
  int64_t row = 0;

  Start from(int64_t i, int64_t j) const { return {data == nullptr ? nullptr : data + i * row + j, row}; }
};

/// A softmax cross-entropy over all items, see linear_cross_entropy() in ops.h.
template <class T>
struct CrossEntropyProblem {
  const T* x_PD;
  const T* table_ID;
  const int32_t* targets_P;
  int64_t rows, width, items;
  T* dx_PD;      // null: loss only
  T* dtable_ID;  // null: loss only
  T gradient_scale;
};

/// A binary cross-entropy over all labels, see linear_multi_label() in ops.h.
template <class T>
struct MultiLabelProblem {
  const T *x_PD, *table_AD;
  const int32_t *sets_P, *set_offsets_S1, *label_ids;  // row p has the labels of set sets_P[p]
  int64_t rows, width, labels;
  T* dx_PD;      // null: loss only
  T* dtable_AD;  // zeros at the start; null: loss only
};

/// How many candidates score higher than the target, and how many the same.
struct RankCounts {
  int64_t higher = 0, same = 0;

  template <class T>
  void count(T score, T target, int64_t times) {
    higher += score > target ? times : 0;
    same += score == target ? times : 0;
  }
};

/// The best items of each row, see top_items() in engine/ops/top_items.h.
template <class T>
struct TopItemsProblem {
  const T *x_BD, *table_ID;
  int64_t rows, width, items;
  std::span<const int32_t> (*excluded)(const void* context, int64_t row);  // ascending
  const void* context;
  TopList<T>* best_B;
};

struct Baseline {};
struct Avx512 {};

/// The kernels of one instruction set; the functions below, which choose it, say what each does.
template <class Isa, class T>
struct Kernels {
  static void gemm(int64_t rows, int64_t cols, int64_t depth, Strided<T> a, const T* b, int64_t b_row, T* c,
                   int64_t c_row, Start<T> start);
  static double softmax_cross_entropy_kept(Parallel& parallel, const CrossEntropyProblem<T>& problem);
  static double softmax_cross_entropy_recomputed(Parallel& parallel, const CrossEntropyProblem<T>& problem);
  static double multi_label(Parallel& parallel, const MultiLabelProblem<T>& problem);
  static void count_ranks(Parallel& parallel, const T* x_BD, const T* table_ID, int64_t rows, int64_t width,
                          int64_t items, const T* target_scores_B, RankCounts* counts_B);
  static void top_items(Parallel& parallel, const TopItemsProblem<T>& problem);
  /// Runs chains of multiply-adds that nothing holds up but the arithmetic units. Returns the number of
  /// multiply-adds; `result` takes what came out, so that none can be left out.
  static int64_t multiply_add_chains(int64_t rounds, T* result);
};

/// Whether the AVX-512 kernels were built, this processor can run them, and they were not ruled out.
bool use_avx512();

/// Calls f.template operator()<Isa>() with the instruction set to use.
template <class F>
auto with_kernels(F&& f) {
#if defined(CCE_HAVE_AVX512)
  if (use_avx512()) return f.template operator()<Avx512>();
#endif
  return f.template operator()<Baseline>();
}

/// C[rows, cols] = start + A[rows, depth] B[depth, cols], on one thread. `b_row` and `c_row` are row strides.
template <class T>
void gemm(int64_t rows, int64_t cols, int64_t depth, Strided<T> a, const T* b, int64_t b_row, T* c,
          int64_t c_row, Start<T> start) {
  with_kernels([&]<class Isa>() { Kernels<Isa, T>::gemm(rows, cols, depth, a, b, b_row, c, c_row, start); });
}

/// C = A B, or C += A B with `add`.
template <class T>
void gemm(int64_t rows, int64_t cols, int64_t depth, Strided<T> a, const T* b, int64_t b_row, T* c,
          int64_t c_row, bool add) {
  gemm<T>(rows, cols, depth, a, b, b_row, c, c_row, add ? Start<T>{c, c_row} : Start<T>{});
}

/// From so many items on a few rows' exponentials no longer fit the last-level cache: with 8 MB, hardly 40
/// rows' in float32, for which a pass over the table is too much.
inline constexpr int64_t kItemsToRecompute = 50'000;

/// The sum of the rows' losses; gradient_scale times their gradients go where the problem says.
template <class T>
double softmax_cross_entropy(Parallel& parallel, const CrossEntropyProblem<T>& problem) {
  return with_kernels([&]<class Isa>() {
    return problem.items < kItemsToRecompute
               ? Kernels<Isa, T>::softmax_cross_entropy_kept(parallel, problem)
               : Kernels<Isa, T>::softmax_cross_entropy_recomputed(parallel, problem);
  });
}

/// The sum of the rows' losses; gradients go where the problem says.
template <class T>
double multi_label(Parallel& parallel, const MultiLabelProblem<T>& problem) {
  return with_kernels([&]<class Isa>() { return Kernels<Isa, T>::multi_label(parallel, problem); });
}

/// Adds to counts[row] how the scores x[row] . table[item] of all items compare with target_scores[row].
template <class T>
void count_ranks(Parallel& parallel, const T* x_BD, const T* table_ID, int64_t rows, int64_t width,
                 int64_t items, const T* target_scores_B, RankCounts* counts_B) {
  with_kernels([&]<class Isa>() {
    Kernels<Isa, T>::count_ranks(parallel, x_BD, table_ID, rows, width, items, target_scores_B, counts_B);
  });
}

/// Offers the items 1 .. items-2 to each row's list, but for those excluded.
template <class T>
void top_items(Parallel& parallel, const TopItemsProblem<T>& problem) {
  with_kernels([&]<class Isa>() { Kernels<Isa, T>::top_items(parallel, problem); });
}

/// y[cols, rows] = x[rows, cols] transposed; `x_row` and `y_row` are row strides.
template <class T>
void transpose(int64_t rows, int64_t cols, const T* x, int64_t x_row, T* y, int64_t y_row) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < cols; ++j) y[j * y_row + i] = x[i * x_row + j];
  }
}

}  // namespace cce::cpu
