// Linear layer and softmax cross-entropy in one: nine tenths of a training step.
//
// Rows of x are taken in chunks whose exponentials E [chunk, items] fit the last-level cache (with up to
// 87,000 items in float32; a chunk of more items has 24 rows, and its E grows with the items). Items are cut
// into blocks, and a thread owns the blocks it takes. Per chunk:
//   1. per block: E = exp(x W^T - shift), in the epilogue of the product; row sums of E; partial dX = E W;
//   2. per row:   Z = sum of the blocks' row sums; loss = log Z - score of the target;
//                 dX = (sum of the blocks' partial dX) / Z;
//   3. per block: dW += E^T (x / Z).
// That is three products and no recomputation: dividing by Z is postponed until Z is known. Gradients are
// computed together with the loss, for d(loss) = 1, since E is at hand only then; backward scales them.
//
// exp needs no shift while every |score| <= |x| max|w| < 60 (e^60 times a million items is far below float's
// largest number). Beyond that a pass more finds the largest score of each row first.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

// last, see simd.h
#include "engine/kernels/item_panels.h"

namespace cce::cpu {
inline namespace CCE_ISA {
namespace {

constexpr double kLargestUnshiftedScore = 60;
constexpr int64_t kChunkBytes = 8 << 20;
constexpr int64_t kRowGrain = 16;

template <class T>
struct CrossEntropy {
  using Panels = ItemPanels<T>;
  static constexpr int64_t kBlock = Panels::kBlock, kPanel = Panels::kPanel;
  static constexpr int kVecs = gemm_detail::kTileVecs;

  Parallel& parallel;
  const T* x_PD;
  const T* table_ID;
  const int32_t* targets_P;
  int64_t rows, width, items;
  T* dx_PD;
  T* dtable_ID;

  Panels panels{parallel, table_ID, items, width};
  int64_t blocks = panels.blocks();
  int64_t chunk = chunk_rows();
  Tensor exps = scratch(blocks * kBlock * chunk);  // E, [panel of items][row of the chunk][item of the panel]
  Tensor sums = scratch(blocks * chunk);           // row sums of E per block; row maxima in the pass before
  Tensor partials = scratch(blocks * chunk * width);  // E W per block
  Tensor shifts = scratch(chunk);                     // subtracted from a row's scores
  Tensor x_over_z = scratch(chunk * width);
  T largest_item_norm = std::sqrt(largest_square_norm(table_ID, items));

  /// The sum of the rows' losses.
  double run() {
    double loss = 0;
    for (int64_t first = 0; first < rows; first += chunk) {
      const int64_t count = std::min(chunk, rows - first);
      find_shifts(first, count);
      parallel.blocks(blocks, [&](int64_t block) { exponentials(block, first, count); });
      loss += normalise(first, count);
      if (dtable_ID != nullptr) {
        parallel.blocks(blocks, [&](int64_t block) { add_table_gradient(block, first, count); });
      }
    }
    return loss;
  }

 private:
  Tensor scratch(int64_t size) const { return Tensor::empty({size}, dtype_of<T>()); }

  /// Equal chunks, a multiple of the tile's rows, such that E stays within about kChunkBytes; but never fewer
  /// than 24, for which a pass over the table is too much.
  int64_t chunk_rows() const {
    const int64_t most =
        std::max<int64_t>(24, kChunkBytes / (blocks * kBlock * static_cast<int64_t>(sizeof(T))));
    const int64_t chunks = (rows + most - 1) / most;
    const int64_t per_chunk = (rows + chunks - 1) / chunks;
    return (per_chunk + gemm_detail::kTileRows - 1) / gemm_detail::kTileRows * gemm_detail::kTileRows;
  }

  /// The panel of E that begins with item `item`: [chunk, kPanel].
  T* e(int64_t item) const { return exps.data<T>() + item * chunk; }
  T* sums_of(int64_t block) const { return sums.data<T>() + block * chunk; }

  T largest_square_norm(const T* x, int64_t count) const {
    T largest = 0;
    for (int64_t i = 0; i < count; ++i) {
      const T square = simd::dot(width, x + i * width, x + i * width);
      if (square > largest || std::isnan(square)) largest = square;  // and nothing is larger than a NaN
    }
    return largest;
  }

  /// Calls f.template operator()<Rows>(row, item, scores) for each tile [Rows, 2 vectors] of scores of a
  /// block.
  template <class F>
  void for_each_score_tile(int64_t block, int64_t first, int64_t count, F&& f) const {
    for (int64_t item = 0; item < panels.block_items(block); item += kPanel) {
      const T* const panel = panels.panel(block * kBlock + item);
      gemm_detail::for_each_row_tile(count, [&]<int Rows>(int64_t row) {
        simd::vec<T> scores[Rows][kVecs];
        gemm_detail::multiply<Rows, kVecs>(Strided<T>{x_PD + (first + row) * width, width, 1}, panel, kPanel,
                                           width, scores);
        f.template operator()<Rows>(row, item, scores);
      });
    }
  }

  void find_shifts(int64_t first, int64_t count) {
    T* const shift = shifts.data<T>();
    const T bound = std::sqrt(largest_square_norm(x_PD + first * width, count)) * largest_item_norm;
    std::fill_n(shift, count, T{0});
    if (bound < T{kLargestUnshiftedScore}) return;
    parallel.blocks(blocks, [&](int64_t block) { row_maxima(block, first, count); });
    for (int64_t row = 0; row < count; ++row) {
      shift[row] = sums_of(0)[row];
      for (int64_t block = 1; block < blocks; ++block) shift[row] = std::max(shift[row], sums_of(block)[row]);
    }
  }

  void row_maxima(int64_t block, int64_t first, int64_t count) {
    T* const largest = sums_of(block);
    std::fill_n(largest, count, std::numeric_limits<T>::lowest());
    for_each_score_tile(
        block, first, count, [&]<int Rows>(int64_t row, int64_t item, simd::vec<T>(&scores)[Rows][kVecs]) {
          const int64_t real = std::min(kPanel, panels.block_items(block) - item);
          for (int i = 0; i < Rows; ++i) {
            for (int64_t lane = 0; lane < real; ++lane) {
              largest[row + i] =
                  std::max(largest[row + i], scores[i][lane / simd::kLanes<T>][lane % simd::kLanes<T>]);
            }
          }
        });
  }

  void exponentials(int64_t block, int64_t first, int64_t count) {
    const T* const shift = shifts.data<T>();
    // [count, kLanes]: lane by lane, added up at the end. (A vector of simd::vec is not aligned for AVX-512.)
    std::vector<T> lane_sums(static_cast<size_t>(count * simd::kLanes<T>));
    for_each_score_tile(block, first, count,
                        [&]<int Rows>(int64_t row, int64_t item, simd::vec<T>(&scores)[Rows][kVecs]) {
                          const int64_t real = panels.block_items(block) - item;
                          for (int i = 0; i < Rows; ++i) {
                            const simd::vec<T> shift_i = simd::splat(shift[row + i]);
                            T* const out = e(block * kBlock + item) + (row + i) * kPanel;
                            simd::vec<T> total{};
                            for (int j = 0; j < kVecs; ++j) {
                              simd::vec<T> e_j = simd::exp(scores[i][j] - shift_i);
                              if (real < kPanel)
                                e_j = simd::first_lanes<T>(e_j, real - j * simd::kLanes<T>);  // no such item
                              simd::store(out + j * simd::kLanes<T>, e_j);
                              total += e_j;
                            }
                            T* const sum = lane_sums.data() + (row + i) * simd::kLanes<T>;
                            simd::store(sum, simd::load(sum) + total);
                          }
                        });
    for (int64_t row = 0; row < count; ++row)
      sums_of(block)[row] = simd::sum<T>(simd::load(lane_sums.data() + row * simd::kLanes<T>));
    if (dx_PD == nullptr) return;
    gemm_detail::product(
        count, width, panels.block_items(block), Panelled<T>{e(block * kBlock), kPanel, chunk * kPanel},
        table_ID + block * kBlock * width, width, partials.data<T>() + block * chunk * width, width, false);
  }

  double normalise(int64_t first, int64_t count) {
    std::vector<double> losses(static_cast<size_t>(count));
    parallel.ranges(count, kRowGrain, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        losses[static_cast<size_t>(row)] = normalise_row(first, row);
    });
    return std::accumulate(losses.begin(), losses.end(), 0.0);
  }

  /// The loss of a row of the chunk, and its part of dx.
  double normalise_row(int64_t first, int64_t row) {
    const T* const x = x_PD + (first + row) * width;
    const T* const w = table_ID + targets_P[first + row] * width;
    double z = 0, target_score = 0;
    for (int64_t block = 0; block < blocks; ++block) z += static_cast<double>(sums_of(block)[row]);
    for (int64_t k = 0; k < width; ++k) target_score += static_cast<double>(x[k]) * static_cast<double>(w[k]);
    if (dx_PD != nullptr) gradient_row(row, x, w, static_cast<T>(1 / z), dx_PD + (first + row) * width);
    return std::log(z) + static_cast<double>(shifts.data<T>()[row]) - target_score;
  }

  void gradient_row(int64_t row, const T* x, const T* w_target, T inverse_z, T* dx) {
    std::fill_n(dx, width, T{0});
    for (int64_t block = 0; block < blocks; ++block) {
      const T* const partial = partials.data<T>() + (block * chunk + row) * width;
      for (int64_t k = 0; k < width; ++k) dx[k] += partial[k];
    }
    T* const scaled = x_over_z.data<T>() + row * width;
    for (int64_t k = 0; k < width; ++k) dx[k] = dx[k] * inverse_z - w_target[k], scaled[k] = x[k] * inverse_z;
  }

  void add_table_gradient(int64_t block, int64_t first, int64_t count) {
    const int64_t begin = block * kBlock, end = begin + panels.block_items(block);
    for (int64_t item = begin; item < end; item += kPanel) {
      gemm_detail::product(std::min(kPanel, end - item), width, count, Strided<T>{e(item), 1, kPanel},
                           x_over_z.data<T>(), width, dtable_ID + item * width, width, true);
    }
    for (int64_t row = first; row < first + count; ++row) {
      if (targets_P[row] < begin || targets_P[row] >= end) continue;
      for (int64_t k = 0; k < width; ++k) dtable_ID[targets_P[row] * width + k] -= x_PD[row * width + k];
    }
  }
};

}  // namespace
}  // namespace CCE_ISA

template <class Isa, class T>
double Kernels<Isa, T>::softmax_cross_entropy(Parallel& parallel, const CrossEntropyProblem<T>& problem) {
  const auto& [x_PD, table_ID, targets_P, rows, width, items, dx_PD, dtable_ID] = problem;
  return CrossEntropy<T>{parallel, x_PD, table_ID, targets_P, rows, width, items, dx_PD, dtable_ID}.run();
}

template double Kernels<CurrentIsa, float>::softmax_cross_entropy(Parallel&,
                                                                  const CrossEntropyProblem<float>&);
template double Kernels<CurrentIsa, double>::softmax_cross_entropy(Parallel&,
                                                                   const CrossEntropyProblem<double>&);

}  // namespace cce::cpu
