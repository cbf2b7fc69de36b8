// Attention of one head within one sequence on the CPU, and its gradient. Private to attention.cpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/kernels/kernels.h"
// last, see there
#include "engine/kernels/simd.h"

namespace cce::cpu {

/// What a thread needs beside the inputs, for one head at a time.
template <class T>
struct AttentionScratch {
  std::vector<T> factors;     // [heads, L, L] and a vector more: what dropout multiplies probabilities with
  std::vector<T> transposed;  // [d, L']: keys or values of a head; columns beyond L are zeros
  std::vector<T> probabilities;  // [L, L']: those of a head, where they are not kept
  std::vector<T> dropped;        // [L, L']: probabilities after dropout
  std::vector<T> dscores;        // [L, L']: derivatives of a head's scores
};

/// Where a gradient [T, D] goes: written there, or added.
template <class T>
struct GradientSink {
  T* data;
  bool add;
};

/// L queries, keys and values of d numbers each; rows of all matrices [T, D] are D apart.
template <class T>
struct AttentionHead {
  using Vec = simd::vec<T>;
  using Scratch = AttentionScratch<T>;
  static constexpr int64_t kLanes = simd::kLanes<T>;

  int64_t length, row;          // L, and L': L rounded up to a multiple of a vector's lanes
  int64_t head_width, stride;   // d, D
  bool causal;                  // query i attends to keys 0 .. i, else to all
  int64_t begin;                // where the head's part of a matrix begins
  const T *q_TD, *k_TD, *v_TD;  // the whole matrices
  T* p;                         // [L, L'], probabilities before dropout; padded with zeros
  const T* factors;             // [L, L]; null: nothing is dropped

  /// y = m p v with p = softmax(q k^T / sqrt(d)) and m the dropout factors.
  void forward(Scratch& scratch, T* y_TD) const {
    transpose(length, head_width, k_TD + begin, stride, scratch.transposed.data(), row);
    gemm<T>(length, row, head_width, {q_TD + begin, stride, 1}, scratch.transposed.data(), row, p, row,
            false);
    for (int64_t i = 0; i < length; ++i) softmax_row(causal ? i + 1 : length, p + i * row);
    gemm<T>(length, head_width, length, {dropped(scratch), row, 1}, v_TD + begin, stride, y_TD + begin,
            stride, false);
  }

  /// dp = m (dy v^T), ds = p (dp - sum of p dp) / sqrt(d), dq = ds k, dk = ds^T q, dv = (m p)^T dy: in this
  /// order, in which the sinks may be one and the same.
  void backward(Scratch& scratch, const T* dy_TD, GradientSink<T> dq_TD, GradientSink<T> dk_TD,
                GradientSink<T> dv_TD) const {
    T* const ds = scratch.dscores.data();
    transpose(length, head_width, v_TD + begin, stride, scratch.transposed.data(), row);
    gemm<T>(length, row, head_width, {dy_TD + begin, stride, 1}, scratch.transposed.data(), row, ds, row,
            false);
    for (int64_t i = 0; i < length; ++i) softmax_row_backward(i, ds + i * row);
    const auto give = [&](Strided<T> a, const T* b_TD, const GradientSink<T>& sink_TD) {
      gemm<T>(length, head_width, length, a, b_TD + begin, stride, sink_TD.data + begin, stride, sink_TD.add);
    };
    give({ds, row, 1}, k_TD, dq_TD);
    give({ds, 1, row}, q_TD, dk_TD);
    give({dropped(scratch), 1, row}, dy_TD, dv_TD);
  }

 private:
  T scale() const { return T{1} / std::sqrt(static_cast<T>(head_width)); }

  /// Scores to probabilities, in place; those from `count` on become 0.
  void softmax_row(int64_t count, T* scores) const {
    std::fill(scores + count, scores + row, std::numeric_limits<T>::lowest());
    const T largest = *std::max_element(scores, scores + count);
    const Vec scale_v = simd::splat(scale()), shift = simd::splat(largest * scale());
    Vec total{};
    for (int64_t j = 0; j < row; j += kLanes) {
      const Vec e = simd::exp(simd::load(scores + j) * scale_v - shift);
      simd::store(scores + j, e);
      total += e;
    }
    const Vec inverse = simd::splat(T{1} / simd::sum<T>(total));
    for (int64_t j = 0; j < row; j += kLanes) simd::store(scores + j, simd::load(scores + j) * inverse);
  }

  /// Of query i. `ds` holds dy v^T at the start.
  void softmax_row_backward(int64_t i, T* ds) const {
    const T *const p_i = p + i * row, *const m = factors == nullptr ? nullptr : factors + i * length;
    Vec p_dp{};
    for (int64_t j = 0; j < row; j += kLanes) {
      const Vec dp = m == nullptr ? simd::load(ds + j) : simd::load(ds + j) * simd::load(m + j);
      simd::store(ds + j, dp);
      p_dp += simd::load(p_i + j) * dp;
    }
    const Vec mean = simd::splat(simd::sum<T>(p_dp)), scale_v = simd::splat(scale());
    for (int64_t j = 0; j < row; j += kLanes) {
      simd::store(ds + j, simd::load(p_i + j) * (simd::load(ds + j) - mean) * scale_v);
    }
  }

  /// m p. Behind a row of factors the next one begins; p is 0 there.
  const T* dropped(Scratch& scratch) const {
    if (factors == nullptr) return p;
    for (int64_t i = 0; i < length; ++i) {
      for (int64_t j = 0; j < row; j += kLanes) {
        const int64_t at = i * row + j;
        simd::store(scratch.dropped.data() + at, simd::load(p + at) * simd::load(factors + i * length + j));
      }
    }
    return scratch.dropped.data();
  }
};

}  // namespace cce::cpu
