// Linear layer and softmax cross-entropy in one, for catalogues whose exponentials can be kept: nine tenths
// of a training step.
//
// Rows of x are taken in chunks whose exponentials E [chunk, items] fit the last-level cache. Items are cut
// into blocks, and a thread owns the blocks it takes. Per chunk:
//   1. per block: E = exp(x W^T - shift), in the epilogue of the product; row sums of E; partial dX = E W;
//   2. per row:   Z = sum of the blocks' row sums; loss = log Z - score of the target;
//                 dX = (sum of the blocks' partial dX) / Z;
//   3. per block: dW^T += (x / Z)^T E.
// That is three products and no recomputation: dividing by Z is postponed until Z is known. Gradients are
// computed together with the loss, since E is at hand only then.
//
// In 1 a tile of E, six rows by 64 items, goes from registers to the first-level cache and from there into
// dX at once. In 3 E is read as vectors, in the order in which it lies in memory, and never again: hence dW
// is summed up transposed, panel by panel, and turned round at the end.
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

constexpr int64_t kChunkBytes = 8 << 20;
constexpr int64_t kRowGrain = 16;

template <class T>
struct CrossEntropy {
  using Panels = ItemPanels<T>;
  static constexpr int64_t kBlock = Panels::kBlock, kPanel = Panels::kPanel;
  static constexpr int64_t kStrip = gemm_detail::kTileDepth;  // items whose tile of E is used at once

  Parallel& parallel;
  const CrossEntropyProblem<T>& in;
  int64_t width = in.width;

  Panels panels{parallel, in.table_ID, in.items, width};
  int64_t blocks = panels.blocks();
  int64_t chunk = chunk_rows();
  Scratch<T> exps{blocks * kBlock * chunk};     // E, [panel of items][row of the chunk][item of the panel]
  Scratch<T> sums{blocks * chunk};              // row sums of E per block; row maxima in the pass before
  Scratch<T> partials{blocks * chunk * width};  // E W per block
  Scratch<T> x_over_z{chunk * width};
  Scratch<T> last_panel{kPanel * width};  // of dW^T, should it have fewer items than the others
  SoftmaxRows<T> x{chunk, width, std::sqrt(largest_square_norm(in.table_ID, in.items, width))};

  /// The sum of the rows' losses.
  double run() {
    double loss = 0;
    for (int64_t first = 0; first < in.rows; first += chunk) {
      const int64_t count = std::min(chunk, in.rows - first);
      if (x.take(in.x_PD + first * width, count)) find_shifts(count);
      parallel.blocks(blocks, [&](int64_t block) { exponentials(block, count); });
      loss += normalise(first, count);
      if (in.dtable_ID == nullptr) continue;
      parallel.blocks(blocks, [&](int64_t block) { add_table_gradient(block, count, first > 0); });
    }
    if (in.dtable_ID != nullptr) {
      parallel.blocks(blocks, [&](int64_t block) { finish_table_gradient(block); });
    }
    return loss;
  }

 private:
  /// Equal chunks, a multiple of the tile's rows, such that E stays within about kChunkBytes; but never fewer
  /// than 24 (which matters for float64 only, see kItemsToRecompute), for which a pass over the table is too
  /// much.
  int64_t chunk_rows() const {
    const int64_t most =
        std::max<int64_t>(24, kChunkBytes / (blocks * kBlock * static_cast<int64_t>(sizeof(T))));
    const int64_t chunks = (in.rows + most - 1) / most;
    const int64_t per_chunk = (in.rows + chunks - 1) / chunks;
    return (per_chunk + gemm_detail::kTileRows - 1) / gemm_detail::kTileRows * gemm_detail::kTileRows;
  }

  /// The panel of E that begins with item `item`: [chunk, kPanel].
  T* e(int64_t item) const { return exps.data + item * chunk; }
  T* sums_of(int64_t block) const { return sums.data + block * chunk; }
  T* partial(int64_t block, int64_t row) const { return partials.data + (block * chunk + row) * width; }
  /// The panel of dW^T that begins with item `item`, [width, kPanel]: it takes the place of those items' rows
  /// of dW.
  T* table_gradient_panel(int64_t item) const {
    return item + kPanel <= in.items ? in.dtable_ID + item * width : last_panel.data;
  }
  /// Calls f(item) for the first item of each panel of a block.
  template <class F>
  void for_each_panel(int64_t block, F&& f) const {
    const int64_t begin = block * kBlock, end = begin + panels.block_items(block);
    for (int64_t item = begin; item < end; item += kPanel) f(item);
  }

  void find_shifts(int64_t count) {
    parallel.blocks(blocks, [&](int64_t block) {
      for (int64_t row = 0; row < count; ++row) sums_of(block)[row] = x.shift(row);
      for_each_panel(block, [&](int64_t item) {
        x.raise_shifts(0, count, panels.panel(item), in.items - item, sums_of(block));
      });
    });
    for (int64_t block = 0; block < blocks; ++block) {
      for (int64_t row = 0; row < count; ++row) x.set_shift(row, std::max(x.shift(row), sums_of(block)[row]));
    }
  }

  void exponentials(int64_t block, int64_t count) {
    // [count, kLanes]: lane by lane, added up at the end. (A vector of simd::vec is not aligned for AVX-512.)
    std::vector<T> lane_sums(static_cast<size_t>(count * simd::kLanes<T>));
    const int64_t begin = block * kBlock, end = begin + panels.block_items(block);
    for (int64_t strip = begin; strip < end; strip += kStrip) {
      const int64_t items = std::min(kStrip, end - strip);
      gemm_detail::for_each_row_tile(count, [&]<int Rows>(int64_t row) {
        for (int64_t item = strip; item < strip + items; item += kPanel) {
          x.template exponentials<Rows>(row, panels.panel(item), in.items - item, e(item) + row * kPanel,
                                        kPanel, lane_sums.data() + row * simd::kLanes<T>);
        }
        if (in.dx_PD == nullptr) return;
        gemm_detail::row_tile<Rows>(
            width, items, Panelled<T>{e(strip) + row * kPanel, kPanel, chunk * kPanel},
            in.table_ID + strip * width, width, partial(block, row), width, strip > begin);
      });
    }
    for (int64_t row = 0; row < count; ++row)
      sums_of(block)[row] = simd::sum<T>(simd::load(lane_sums.data() + row * simd::kLanes<T>));
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
    double z = 0;
    for (int64_t block = 0; block < blocks; ++block) z += static_cast<double>(sums_of(block)[row]);
    if (in.dx_PD != nullptr) {
      T* const sum = partial(0, row);
      for (int64_t block = 1; block < blocks; ++block) simd::add(width, partial(block, row), sum);
      finish_row_gradient(in, first + row, sum, z, x_over_z.data + row * width);
    }
    return row_loss(in, first + row, z, x.shift(row));
  }

  void add_table_gradient(int64_t block, int64_t count, bool add) {
    for_each_panel(block, [&](int64_t item) {
      gemm_detail::product(width, kPanel, count, Strided<T>{x_over_z.data, 1, width}, e(item), kPanel,
                           table_gradient_panel(item), kPanel, add);
    });
  }

  void finish_table_gradient(int64_t block) {
    std::vector<T> panel(static_cast<size_t>(kPanel * width));
    for_each_panel(block, [&](int64_t item) {
      std::copy_n(table_gradient_panel(item), panel.size(), panel.data());
      unpack_panel(panel.data(), std::min(kPanel, in.items - item), width, in.dtable_ID + item * width);
    });
    subtract_targets(in, block * kBlock, block * kBlock + panels.block_items(block));
  }
};

}  // namespace
}  // namespace CCE_ISA

template <class Isa, class T>
double Kernels<Isa, T>::softmax_cross_entropy_kept(Parallel& parallel,
                                                   const CrossEntropyProblem<T>& problem) {
  return CrossEntropy<T>{parallel, problem}.run();
}

template double Kernels<CurrentIsa, float>::softmax_cross_entropy_kept(Parallel&,
                                                                       const CrossEntropyProblem<float>&);
template double Kernels<CurrentIsa, double>::softmax_cross_entropy_kept(Parallel&,
                                                                        const CrossEntropyProblem<double>&);

}  // namespace cce::cpu
