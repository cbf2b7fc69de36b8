// Linear layer and softmax cross-entropy in one, for catalogues of which not even a few rows' exponentials
// can be kept: O(rows x width) memory beside the table and its gradient, whatever the number of items.
//
//   1. per block of rows, item by item:  E = exp(x W^T - shift), row sums of E, and dX += E W;
//                                        then Z, loss and dX / Z;
//   2. per block of items, row by row:   E once more, and dW^T += (x / Z)^T E.
// That is four products where the form that keeps E has three. A tile of E, some rows by 64 items, lives in
// the first-level cache. Threads own rows in 1 and items in 2, so sums have one order. Items are packed for
// the product as they come by, since a packed copy of a table of a million items is 256 MB.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

// last, see simd.h
#include "engine/kernels/item_panels.h"
#include "engine/kernels/softmax_rows.h"

namespace cce::cpu {
inline namespace CCE_ISA {
namespace {

/// A pass over the table is shared by so many rows of a thread: their x and dX (width 64: 96 KB) fit the
/// second-level cache, and packing an item is a fiftieth of its products.
constexpr int64_t kRowsPerBlock = 192;
constexpr int64_t kItemsPerBlock = 1024;
/// Rows whose exponentials are made before dW takes them.
constexpr int64_t kRowsAtOnce = 48;

template <class T>
struct RecomputedCrossEntropy {
  static constexpr int64_t kPanel = kPanelItems<T>, kLanes = simd::kLanes<T>;
  static constexpr int64_t kStrip = gemm_detail::kTileDepth;

  Parallel& parallel;
  const CrossEntropyProblem<T>& in;
  int64_t width = in.width;
  SoftmaxRows<T> x{in.rows, width, std::sqrt(largest_square_norm(in.table_ID, in.items, width))};
  Scratch<T> x_over_z{in.rows * width};

  double run() {
    const bool shifted = x.take(in.x_PD, in.rows);
    std::vector<double> losses(static_cast<size_t>(in.rows));
    parallel.ranges(in.rows, kRowsPerBlock, [&](int64_t begin, int64_t end) {
      if (shifted) find_shifts(begin, end);
      row_block(begin, end, losses);
    });
    if (in.dtable_ID != nullptr) {
      parallel.ranges(in.items, kItemsPerBlock, [&](int64_t begin, int64_t end) { item_block(begin, end); });
    }
    return std::accumulate(losses.begin(), losses.end(), 0.0);
  }

 private:
  /// Items of a strip, packed, and the exponentials of a few rows: [panel][kRowsAtOnce][kPanel].
  struct Strip {
    std::vector<T> packed, exps;

    explicit Strip(int64_t width)
        : packed(static_cast<size_t>(kStrip * width)), exps(static_cast<size_t>(kStrip * kRowsAtOnce)) {}
    T* e(int64_t item_in_strip) { return exps.data() + item_in_strip * kRowsAtOnce; }
    T* panel(int64_t item_in_strip, int64_t width) { return packed.data() + item_in_strip * width; }
  };

  void pack(Strip& strip, int64_t first) const {
    for (int64_t i = 0; i < kStrip; i += kPanel)
      pack_panel(in.table_ID, first + i, in.items, width, strip.panel(i, width));
  }

  void find_shifts(int64_t begin, int64_t end) {
    Strip strip(width);
    std::vector<T> shifts(static_cast<size_t>(end - begin), x.shift(begin));
    for (int64_t item = 0; item < in.items; item += kPanel) {
      pack_panel(in.table_ID, item, in.items, width, strip.panel(0, width));
      x.raise_shifts(begin, end, strip.panel(0, width), in.items - item, shifts.data());
    }
    for (int64_t row = begin; row < end; ++row) x.set_shift(row, shifts[static_cast<size_t>(row - begin)]);
  }

  /// Makes the exponentials of `Rows` rows from `row` on, into row `at` of the strip's.
  template <int Rows>
  void exponentials(Strip& strip, int64_t first_item, int64_t row, int64_t at, T* lane_sums) const {
    for (int64_t i = 0; i < kStrip; i += kPanel) {
      x.template exponentials<Rows>(row, strip.panel(i, width), in.items - first_item - i,
                                    strip.e(i) + at * kPanel, kPanel, lane_sums);
    }
  }

  /// Losses, dX and x / Z of the rows begin .. end-1.
  void row_block(int64_t begin, int64_t end, std::vector<double>& losses) {
    const auto rows = static_cast<size_t>(end - begin);
    Strip strip(width);
    std::vector<T> lane_sums(rows * kLanes), dx(in.dx_PD != nullptr ? rows * static_cast<size_t>(width) : 0);
    std::vector<double> z(rows);
    for (int64_t item = 0; item < in.items; item += kStrip) {
      pack(strip, item);
      gemm_detail::for_each_row_tile(end - begin, [&]<int Rows>(int64_t row) {
        exponentials<Rows>(strip, item, begin + row, 0, lane_sums.data() + row * kLanes);
        if (in.dx_PD == nullptr) return;
        gemm_detail::row_tile<Rows>(width, std::min(kStrip, in.items - item),
                                    Panelled<T>{strip.e(0), kPanel, kRowsAtOnce * kPanel},
                                    in.table_ID + item * width, width, dx.data() + row * width, width, true);
      });
      // Sums of few items in T, sums of those in double: a million terms would lose three digits in float.
      if ((item / kStrip) % 8 == 7 || item + kStrip >= in.items) move_sums(lane_sums, z);
    }
    for (int64_t row = 0; row < end - begin; ++row) {
      const double z_row = z[static_cast<size_t>(row)];
      if (in.dx_PD != nullptr) {
        finish_row_gradient(in, begin + row, dx.data() + row * width, z_row,
                            x_over_z.data + (begin + row) * width);
      }
      losses[static_cast<size_t>(begin + row)] = row_loss(in, begin + row, z_row, x.shift(begin + row));
    }
  }

  static void move_sums(std::vector<T>& lane_sums, std::vector<double>& z) {
    for (size_t row = 0; row < z.size(); ++row)
      z[row] += static_cast<double>(simd::sum<T>(simd::load(lane_sums.data() + row * kLanes)));
    std::ranges::fill(lane_sums, T{0});
  }

  /// The rows begin .. end-1 of dW.
  void item_block(int64_t begin, int64_t end) {
    Strip strip(width);
    std::vector<T> dw(static_cast<size_t>(kStrip * width)), lane_sums(kRowsAtOnce * kLanes);
    for (int64_t item = begin; item < end; item += kStrip) {
      pack(strip, item);
      for (int64_t first = 0; first < in.rows; first += kRowsAtOnce) {
        const int64_t count = std::min(kRowsAtOnce, in.rows - first);
        gemm_detail::for_each_row_tile(count, [&]<int Rows>(int64_t row) {
          exponentials<Rows>(strip, item, first + row, row, lane_sums.data() + row * kLanes);
        });
        for (int64_t i = 0; i < kStrip; i += kPanel) {
          gemm_detail::product(width, kPanel, count, Strided<T>{x_over_z.data + first * width, 1, width},
                               strip.e(i), kPanel, dw.data() + i * width, kPanel, first > 0);
        }
      }
      for (int64_t i = 0; i < std::min(kStrip, end - item); i += kPanel) {
        unpack_panel(dw.data() + i * width, std::min(kPanel, end - item - i), width,
                     in.dtable_ID + (item + i) * width);
      }
    }
    subtract_targets(in, begin, end);
  }
};

}  // namespace
}  // namespace CCE_ISA

template <class Isa, class T>
double Kernels<Isa, T>::softmax_cross_entropy_recomputed(Parallel& parallel,
                                                         const CrossEntropyProblem<T>& problem) {
  return RecomputedCrossEntropy<T>{parallel, problem}.run();
}

template double Kernels<CurrentIsa, float>::softmax_cross_entropy_recomputed(
    Parallel&, const CrossEntropyProblem<float>&);
template double Kernels<CurrentIsa, double>::softmax_cross_entropy_recomputed(
    Parallel&, const CrossEntropyProblem<double>&);

}  // namespace cce::cpu
