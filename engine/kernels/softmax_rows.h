// What both forms of the softmax cross-entropy do with rows of x: scale them, find what to subtract from
// their scores, and turn tiles of scores into exponentials. Private to kernel files.
//
// Exponentials are computed as powers of two: x is scaled by log2(e) once, which spares a product for every
// score. The subtraction costs nothing either: it is where the score's chain of multiply-adds begins.
//
// exp needs no shift while every |score| <= |x| max|w| < 60 (e^60 times a million items is far below float's
// largest number). Beyond that a pass more finds the largest score of each row first.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

// last, see simd.h
#include "engine/kernels/item_panels.h"

namespace cce::cpu {
inline namespace CCE_ISA {

/// The largest sum of squares of a row of x[rows, width]; NaN where there is one.
template <class T>
T largest_square_norm(const T* x, int64_t rows, int64_t width) {
  T largest = 0;
  for (int64_t i = 0; i < rows; ++i) {
    const T square = simd::dot(width, x + i * width, x + i * width);
    if (square > largest || std::isnan(square)) largest = square;  // and nothing is larger than a NaN
  }
  return largest;
}

/// A chunk of rows, ready to be scored.
template <class T>
class SoftmaxRows {
 public:
  static constexpr T kLargestUnshiftedScore = 60;

  SoftmaxRows(int64_t most_rows, int64_t width, T largest_item_norm)
      : width_(width),
        largest_item_norm_(largest_item_norm),
        scaled_(most_rows * width),
        shifts_(most_rows) {}

  /// Takes x[count, width]. Returns whether shifts are needed: then raise_shifts() comes next.
  bool take(const T* x, int64_t count) {
    for (int64_t i = 0; i < count * width_; ++i) scaled_.data[i] = x[i] * std::numbers::log2e_v<T>;
    const T bound = std::sqrt(largest_square_norm(x, count, width_)) * largest_item_norm_;
    const bool needed = !(bound < kLargestUnshiftedScore);
    std::fill_n(shifts_.data, count, needed ? std::numeric_limits<T>::lowest() : T{0});
    return needed;
  }

  /// What is subtracted from a row's scores, in units of log(2).
  T shift(int64_t row) const { return shifts_.data[row]; }

  /// Raises shifts[row - begin] to the largest score among the `real` items of a panel, for rows begin ..
  /// end-1.
  void raise_shifts(int64_t begin, int64_t end, const T* panel, int64_t real, T* shifts) const {
    gemm_detail::for_each_row_tile(end - begin, [&]<int Rows>(int64_t row) {
      simd::vec<T> scores[Rows][gemm_detail::kTileVecs];
      gemm_detail::multiply<Rows, gemm_detail::kTileVecs>(rows_from(begin + row), panel, kPanelItems<T>,
                                                          width_, scores);
      for (int i = 0; i < Rows; ++i) {
        for (int64_t lane = 0; lane < std::min(real, kPanelItems<T>); ++lane) {
          shifts[row + i] =
              std::max(shifts[row + i], scores[i][lane / simd::kLanes<T>][lane % simd::kLanes<T>]);
        }
      }
    });
  }
  void set_shift(int64_t row, T shift) { shifts_.data[row] = shift; }

  /// exps[Rows][kPanelItems] = e^(score - shift) of `Rows` rows from `row` on and the `real` items of a panel
  /// (0 for the others); row i's are `exps_row` numbers behind those of row i - 1. Adds them, lane by lane,
  /// to lane_sums[Rows][kLanes].
  template <int Rows>
  void exponentials(int64_t row, const T* panel, int64_t real, T* exps, int64_t exps_row,
                    T* lane_sums) const {
    constexpr int kVecs = gemm_detail::kTileVecs, kLanes = simd::kLanes<T>;
    simd::vec<T> scores[Rows][kVecs];
    for (int i = 0; i < Rows; ++i) {
      for (int j = 0; j < kVecs; ++j) scores[i][j] = simd::splat(-shift(row + i));
    }
    gemm_detail::accumulate<Rows, kVecs>(rows_from(row), panel, kPanelItems<T>, width_, scores);
    for (int i = 0; i < Rows; ++i) {
      simd::vec<T> total = simd::load(lane_sums + i * kLanes);
      for (int j = 0; j < kVecs; ++j) {
        simd::vec<T> e = simd::exp2(scores[i][j]);
        if (real < kPanelItems<T>) e = simd::first_lanes<T>(e, real - j * kLanes);  // no such item
        simd::store(exps + i * exps_row + j * kLanes, e);
        total += e;
      }
      simd::store(lane_sums + i * kLanes, total);
    }
  }

 private:
  Strided<T> rows_from(int64_t row) const { return {scaled_.data + row * width_, width_, 1}; }

  int64_t width_;
  T largest_item_norm_;
  Scratch<T> scaled_;  // [rows, width]: x log2(e)
  Scratch<T> shifts_;  // [rows]
};

/// A row's loss, from the sum of its e^(score - shift), the shift in units of log(2).
template <class T>
double row_loss(const CrossEntropyProblem<T>& in, int64_t row, double z, T shift) {
  const T* const x = in.x_PD + row * in.width;
  const T* const w = in.table_ID + in.targets_P[row] * in.width;
  double target_score = 0;
  for (int64_t k = 0; k < in.width; ++k)
    target_score += static_cast<double>(x[k]) * static_cast<double>(w[k]);
  return std::log(z) + static_cast<double>(shift) * std::numbers::ln2 - target_score;
}

/// A row's dx, from the sum over items of e w, and scale x / z, by which the row's e enter dW.
template <class T>
void finish_row_gradient(const CrossEntropyProblem<T>& in, int64_t row, const T* sum_ew, double z,
                         T* x_over_z) {
  const int64_t width = in.width, at = row * width;
  const T* const w_target = in.table_ID + in.targets_P[row] * width;
  const T scale = in.gradient_scale, inverse_z = static_cast<T>(static_cast<double>(scale) / z);
  for (int64_t k = 0; k < width; ++k) {
    in.dx_PD[at + k] = sum_ew[k] * inverse_z - scale * w_target[k];
    x_over_z[k] = in.x_PD[at + k] * inverse_z;
  }
}

/// What the targets among the items begin .. end-1 take from their rows of dW.
template <class T>
void subtract_targets(const CrossEntropyProblem<T>& in, int64_t begin, int64_t end) {
  for (int64_t row = 0; row < in.rows; ++row) {
    const int64_t target = in.targets_P[row];
    if (target < begin || target >= end) continue;
    for (int64_t k = 0; k < in.width; ++k)
      in.dtable_ID[target * in.width + k] -= in.gradient_scale * in.x_PD[row * in.width + k];
  }
}

}  // namespace CCE_ISA
}  // namespace cce::cpu
