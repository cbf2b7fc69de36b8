// Linear layer and binary cross-entropy over many labels in one.
//
// Each row of x has a few of A labels. Its scores z = x W^T become, element by element, the derivative
// dz = sigmoid(z) - y, of which a chunk of rows at a time is kept. Per chunk:
//   1. per block of rows:   loss = sum of softplus(z) - sum of z over the row's labels; dz; dX = dz W;
//   2. per block of labels: dW += dz^T x.
// softplus(z) = max(z, 0) + log(1 + e^-|z|), and a sum of logarithms is the logarithm of a product: the
// factors 1 + e^-|z| are at most 2, so that one logarithm serves kFactors of them.
#include <algorithm>
#include <cmath>
#include <vector>

// last, see simd.h
#include "engine/kernels/item_panels.h"

namespace cce::cpu {
inline namespace CCE_ISA {
namespace {

constexpr int64_t kChunkBytes = 4 << 20;
constexpr int64_t kRowsPerBlock = 8 * gemm_detail::kTileRows;
constexpr int64_t kLabelsPerBlock = 48;
constexpr int kFactors = 96;  // 2^96 is far below float's largest number

/// Sums softplus(z), lane by lane.
template <class T>
class SoftplusSum {
 public:
  SoftplusSum() : positive_{}, product_(simd::splat(T{1})) {}  // an implicit one would be compiled for AVX2
  /// `e` is e^-|z|.
  void add(const simd::vec<T>& z, const simd::vec<T>& e) {
    positive_ += z > simd::vec<T>{} ? z : simd::vec<T>{};
    product_ *= e + T{1};
    if (++factors_ == kFactors) flush();
  }
  double total() {
    flush();
    return total_;
  }

 private:
  void flush() {
    for (int lane = 0; lane < simd::kLanes<T>; ++lane) {
      total_ += static_cast<double>(positive_[lane]) + std::log(static_cast<double>(product_[lane]));
    }
    positive_ = simd::splat(T{0}), product_ = simd::splat(T{1}), factors_ = 0;
  }

  simd::vec<T> positive_, product_;
  int factors_ = 0;
  double total_ = 0;
};

template <class T>
struct MultiLabel {
  using Panels = ItemPanels<T>;
  static constexpr int kVecs = gemm_detail::kTileVecs;

  Parallel& parallel;
  const T *x_PD, *table_AD;
  const int32_t *sets_P, *set_offsets_S1, *label_ids;
  int64_t rows, width, labels;
  T* dx_PD;
  T* dtable_AD;

  Panels panels{parallel, table_AD, labels, width};
  // A row of dz holds whole panels, and 16 numbers more, so that rows spread over cache sets.
  int64_t dz_row = (labels + Panels::kPanel - 1) / Panels::kPanel * Panels::kPanel + 16;
  int64_t chunk =
      std::min(rows, std::max(kRowsPerBlock, kChunkBytes / (dz_row * static_cast<int64_t>(sizeof(T))) /
                                                 kRowsPerBlock * kRowsPerBlock));
  Scratch<T> dz{chunk * dz_row};

  double run() {
    double loss = 0;
    std::vector<double> losses(static_cast<size_t>((chunk + kRowsPerBlock - 1) / kRowsPerBlock));
    for (int64_t first = 0; first < rows; first += chunk) {
      const int64_t count = std::min(chunk, rows - first);
      parallel.ranges(count, kRowsPerBlock, [&](int64_t begin, int64_t end) {
        losses[static_cast<size_t>(begin / kRowsPerBlock)] = row_block(first, begin, end);
      });
      for (int64_t begin = 0; begin < count; begin += kRowsPerBlock) {
        loss += losses[static_cast<size_t>(begin / kRowsPerBlock)];
      }
      if (dtable_AD == nullptr) continue;
      parallel.ranges(labels, kLabelsPerBlock, [&](int64_t begin, int64_t end) {
        gemm_detail::product(end - begin, width, count, Strided<T>{dz.data + begin, 1, dz_row},
                             x_PD + first * width, width, dtable_AD + begin * width, width, true);
      });
    }
    return loss;
  }

 private:
  /// Loss, dz and dx of the rows begin .. end-1 of the chunk that starts with row `first`.
  double row_block(int64_t first, int64_t begin, int64_t end) {
    const T* const x = x_PD + (first + begin) * width;
    T* const out = dz.data + begin * dz_row;
    SoftplusSum<T> softplus;
    for (int64_t label = 0; label < labels; label += Panels::kPanel) {
      gemm_detail::for_each_row_tile(end - begin, [&]<int Rows>(int64_t row) {
        simd::vec<T> z[Rows][kVecs];
        gemm_detail::multiply<Rows, kVecs>(Strided<T>{x + row * width, width, 1}, panels.panel(label),
                                           Panels::kPanel, width, z);
        for (int i = 0; i < Rows; ++i) {
          for (int j = 0; j < kVecs; ++j) {
            const int64_t at = label + j * simd::kLanes<T>;
            simd::store(out + (row + i) * dz_row + at, probabilities(z[i][j], labels - at, softplus));
          }
        }
      });
    }
    double loss = softplus.total();
    for (int64_t row = begin; row < end; ++row) loss -= take_labels(first + row, dz.data + row * dz_row);
    if (dx_PD != nullptr) {
      gemm_detail::product(end - begin, width, labels, Strided<T>{out, dz_row, 1}, table_AD, width,
                           dx_PD + (first + begin) * width, width, false);
    }
    return loss;
  }

  /// sigmoid(z), with softplus(z) added to the sum; lanes from `real` on belong to no label and count
  /// nothing.
  static simd::vec<T> probabilities(simd::vec<T> z, int64_t real, SoftplusSum<T>& softplus) {
    for (int64_t lane = std::max<int64_t>(real, 0); lane < simd::kLanes<T>; ++lane) z[lane] = -T{1e4};
    const simd::vec<T> zero{};
    const simd::vec<T> e = simd::exp(z > zero ? -z : z);
    softplus.add(z, e);
    return (z > zero ? simd::splat(T{1}) : e) / (e + T{1});
  }

  /// Subtracts the row's labels from its dz; returns the sum of their scores.
  double take_labels(int64_t row, T* dz_A) const {
    double scores = 0;
    const int32_t* const offsets = set_offsets_S1 + sets_P[row];
    for (int32_t at = offsets[0]; at < offsets[1]; ++at) {
      const T* const w = table_AD + label_ids[at] * width;
      for (int64_t k = 0; k < width; ++k) {
        scores += static_cast<double>(x_PD[row * width + k]) * static_cast<double>(w[k]);
      }
      dz_A[label_ids[at]] -= T{1};
    }
    return scores;
  }
};

}  // namespace
}  // namespace CCE_ISA

template <class Isa, class T>
double Kernels<Isa, T>::multi_label(Parallel& parallel, const MultiLabelProblem<T>& problem) {
  const auto& [x_PD, table_AD, sets_P, set_offsets_S1, label_ids, rows, width, labels, dx_PD, dtable_AD] =
      problem;
  return MultiLabel<T>{parallel, x_PD,  table_AD, sets_P, set_offsets_S1, label_ids,
                       rows,     width, labels,   dx_PD,  dtable_AD}
      .run();
}

template double Kernels<CurrentIsa, float>::multi_label(Parallel&, const MultiLabelProblem<float>&);
template double Kernels<CurrentIsa, double>::multi_label(Parallel&, const MultiLabelProblem<double>&);

}  // namespace cce::cpu
