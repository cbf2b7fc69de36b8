// Linear layer and softmax cross-entropy in two passes over tiles of scores, which never leave registers:
//
//   rows_kernel    for a tile of rows, through the items: log-sum-exp as it goes, and dx = softmax . table.
//                  With few rows, the items are split between several blocks, and
//   combine_kernel puts their parts together, in order.
//   items_kernel   for a tile of items, through the rows: scores once more, and dtable = softmax^T . x.
//
// Both kernels are one scheme, see tile_math.h: a block of 4 warps keeps 128 rows of one matrix (64, if they
// are wider than 64 numbers), 64 rows at a time of the other go through shared memory
// (streamed_rows.h), and each row's sums have one owner, so results have the same bits every time.
// Threads and their numbers: warp w keeps rows 16 kRowTiles w and on; lane 4 g + t has rows g and g + 8 of
// each 16, columns 2t and 2t+1 of each 8.
//
// Why these tiles: with two tiles of 16 rows, each number read from shared memory serves two instructions of
// the tensor cores, which is where their speed and shared memory's meet on compute capability 8.0; more rows
// do not fit 255 registers. Shared memory of a block, and registers of a thread
// in rows_kernel and in items_kernel (nvcc 13.0 for 8.0 / 9.0; none are spilled):
//
//             width 64                        80                            128
//   fp32      86 KB  228 / 234  168 / 168     72 KB  156 / 162  122 / 122   75 KB  168 / 168  150 / 150
//   tf32      34 KB  244 / 246  214 / 208     42 KB  168 / 165  140 / 140   66 KB  212 / 218  194 / 196
//   bf16      26 KB  218 / 227  172 / 168     32 KB  150 / 152  128 / 125   50 KB  194 / 198  189 / 183
//
// So on tensor cores two blocks fit a multiprocessor, one computing while the other waits, and every block
// fits the 99 KB of the smaller GPUs of this kind (8.6, 8.9, 12.0).
#include "engine/ops/linear_cross_entropy_fused.h"

#include "engine/cuda/launch.h"
#include "engine/cuda/online_softmax.h"
#include "engine/cuda/rows.h"
#include "engine/cuda/scratch.h"
#include "engine/cuda/streamed_rows.h"

namespace cce::cuda {
namespace {

constexpr int kWarps = 4, kThreads = kWarps * kWarp;
constexpr int kCombineWarps = 8;

/// What rows_kernel finds out, for each part of the items: the largest score, the sum of exp(score -
/// largest), and the sum of exp(score - largest) times the item's row of the table.
struct Parts {
  int64_t items, section;  // of a part, multiples of 64
  float *largest, *total;  // [parts, rows]
  float* sums;             // [parts, rows, width]; null: not wanted
  float* target_scores;    // [rows]
};

/// What items_kernel needs of a row: softmax = exp(score - largest) * inverse. For a row that does not count,
/// inverse is 0, and no item its target. Without padding, which would be read, as the 16 bytes are at once,
/// but never written: compute-sanitizer would report each row.
struct alignas(16) RowNumbers {
  float largest, inverse;
  int64_t target;
};
static_assert(sizeof(RowNumbers) == 2 * sizeof(float) + sizeof(int64_t));

/// Adds a section to a part's numbers, or, if it is the part's first, becomes them. All lanes of the warp
/// call it; `row` is the first of the warp's.
template <class Math>
__device__ void write_section(const OnlineSoftmax<Math>& section, bool first, int64_t row, int64_t rows,
                              int64_t width, const Parts& parts) {
  const int g = lane_of_thread() / 4, t = lane_of_thread() % 4;
#pragma unroll
  for (int r = 0; r < OnlineSoftmax<Math>::kThreadRows; ++r) {
    const bool here = row + 8 * r + g < rows;
    const int64_t at = blockIdx.y * rows + row + 8 * r + g;
    const float total = quad_sum(section.total[r]);
    const float before = first || !here ? -INFINITY : parts.largest[at];
    const float total_before = first || !here ? 0.0F : parts.total[at];
    const float largest = before < section.largest[r] ? section.largest[r] : before;
    const float old_factor = Math::exp(before - largest);
    const float factor = Math::exp(section.largest[r] - largest);
    __syncwarp();  // all four lanes have read
    if (!here) continue;
    if (t == 0) {
      parts.largest[at] = largest;
      parts.total[at] = total_before * old_factor + total * factor;
    }
    if (parts.sums == nullptr) continue;
#pragma unroll
    for (int i = 0; i < Math::kWidth / 4; ++i) {
      const int col = i / 2 * 8 + 2 * t + i % 2;
      if (col >= width) continue;
      float& sum = parts.sums[at * width + col];
      const float mine = section.sums[r / 2][i / 2][r % 2 * 2 + i % 2] * factor;
      sum = first ? mine : sum * old_factor + mine;
    }
  }
}

/// One block: a tile of rows, blockIdx.x, and a part of the items, blockIdx.y.
template <class Math>
__global__ void __launch_bounds__(kThreads, 2)
    rows_kernel(PaddedMatrix x, PaddedMatrix table, const int32_t* targets, Parts parts) {
  using Shape = TileShape<Math::kWidth>;
  using Streamed = StreamedRows<Math>;
  auto* const shared = dynamic_shared<unsigned char>();
  const int warp = static_cast<int>(threadIdx.x) / kWarp, g = lane_of_thread() / 4, t = lane_of_thread() % 4;
  const int64_t row = (static_cast<int64_t>(blockIdx.x) * kWarps + warp) * Shape::kRows;
  const int64_t first = blockIdx.y * parts.items;
  const int64_t end = first + parts.items < table.rows ? first + parts.items : table.rows;
  const typename Math::Kept kept(
      x, row, reinterpret_cast<float*>(shared + Streamed::kBytes) + warp * Math::kWarpScratch);
  Streamed items(table, shared);
  int64_t target[2 * Shape::kRowTiles];
  for (int r = 0; r < 2 * Shape::kRowTiles; ++r)
    target[r] = row + 8 * r + g < x.rows ? targets[row + 8 * r + g] : -1;

  OnlineSoftmax<Math> softmax;
  softmax.clear();
  int64_t section = first;
  items.start(first, end);
#pragma unroll 1
  for (int64_t item = first; item < end; item += Streamed::kRows) {
    __syncthreads();
    items.take();
    __syncthreads();
    items.start(item + Streamed::kRows, end);
#pragma unroll 1
    for (int step = 0; step < Streamed::kRows && item + step < end; step += kStep) {
      Scores<Math::kWidth> s{};
      Math::multiply(kept, items.rows(step), s);
#pragma unroll
      for (int r = 0; r < 2 * Shape::kRowTiles; ++r) {
        const int64_t at = target[r] - item - step;  // where the target stands among these 32
        const bool last = item + step + kStep > end;
        if (!last && (at < 0 || at >= kStep)) continue;
#pragma unroll
        for (int i = 0; i < kStepTiles * 2; ++i) {
          float& score = s[r / 2][i / 2][r % 2 * 2 + i % 2];
          const int col = i / 2 * 8 + 2 * t + i % 2;
          if (col == at) parts.target_scores[row + 8 * r + g] = score;
          if (item + step + col >= end) score = -INFINITY;
        }
      }
      softmax.add(s);
      if (parts.sums != nullptr) Math::add_up(kept, s, items.rows(step), softmax.sums);
    }
    const int64_t done = item + Streamed::kRows;
    if (done < end && done - section < parts.section) continue;
    write_section(softmax, section == first, row, x.rows, x.width, parts);
    softmax.clear();
    section = done;
  }
}

/// One warp, one row: its parts put together in their order.
template <class Math>
__global__ void combine_kernel(int64_t rows, int64_t width, int64_t count, Parts parts, const float* table,
                               const int32_t* targets, CountedRows counted, RowNumbers* numbers,
                               float* losses, float* dx) {
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kCombineWarps + threadIdx.x / kWarp;
  if (row >= rows) return;
  float largest = parts.largest[row], total = 0;
  for (int64_t part = 1; part < count; ++part) {
    const float other = parts.largest[part * rows + row];
    largest = largest < other ? other : largest;
  }
  for (int64_t part = 0; part < count; ++part)
    total += parts.total[part * rows + row] * std::exp(parts.largest[part * rows + row] - largest);
  const int64_t target = targets[row];
  const bool counts = row < counted.count();
  const float scale = 1.0F / static_cast<float>(counted.count());
  if (lane_of_thread() == 0) {
    losses[row] = std::log(total) - (parts.target_scores[row] - largest);
    numbers[row] = {largest, counts ? 1 / total : 0.0F, counts ? target : -1};
  }
  if (dx == nullptr) return;
  for (int64_t col = lane_of_thread(); col < width; col += kWarp) {
    float sum = 0;
    for (int64_t part = 0; part < count; ++part) {
      const int64_t at = part * rows + row;
      sum += parts.sums[at * width + col] * std::exp(parts.largest[at] - largest);
    }
    const float derivative = (sum / total - Math::rounded(table[target * width + col])) * scale;
    dx[row * width + col] = counts ? derivative : 0.0F;
  }
}

/// One block: a tile of items.
template <class Math>
__global__ void __launch_bounds__(kThreads, 2)
    items_kernel(PaddedMatrix table, PaddedMatrix x, const RowNumbers* numbers, CountedRows counted,
                 float* dtable) {
  using Shape = TileShape<Math::kWidth>;
  using Streamed = StreamedRows<Math>;
  auto* const shared = dynamic_shared<unsigned char>();
  auto* const of_rows = reinterpret_cast<RowNumbers*>(shared + Streamed::kBytes);  // of those that are here
  auto* const scratch = reinterpret_cast<float*>(of_rows + Streamed::kRows);
  const int warp = static_cast<int>(threadIdx.x) / kWarp, g = lane_of_thread() / 4, t = lane_of_thread() % 4;
  const int64_t item = (static_cast<int64_t>(blockIdx.x) * kWarps + warp) * Shape::kRows;
  const typename Math::Kept kept(table, item, scratch + warp * Math::kWarpScratch);
  Streamed rows(x, shared);
  Sums<Math::kWidth> sums{};

  rows.start(0, x.rows);
#pragma unroll 1
  for (int64_t row = 0; row < x.rows; row += Streamed::kRows) {
    __syncthreads();
    rows.take();
    if (threadIdx.x < Streamed::kRows) {
      const int64_t at = row + threadIdx.x;  // a row that is not there takes no part: its numbers are 0
      of_rows[threadIdx.x] = at < x.rows ? numbers[at] : RowNumbers{0, 0, -1};
    }
    __syncthreads();
    rows.start(row + Streamed::kRows, x.rows);
#pragma unroll 1
    for (int step = 0; step < Streamed::kRows; step += kStep) {
      Scores<Math::kWidth> s{};
      Math::multiply(kept, rows.rows(step), s);
#pragma unroll
      for (int i = 0; i < kStepTiles * 2; ++i) {
        const RowNumbers of = of_rows[step + i / 2 * 8 + 2 * t + i % 2];
        const int64_t target = of.target - item;
#pragma unroll
        for (int r = 0; r < 2 * Shape::kRowTiles; ++r) {
          float& score = s[r / 2][i / 2][r % 2 * 2 + i % 2];
          score = Math::exp(score - of.largest) * of.inverse - (target == 8 * r + g ? 1.0F : 0.0F);
        }
      }
      Math::add_up(kept, s, rows.rows(step), sums);
    }
  }
  const float scale = 1.0F / static_cast<float>(counted.count());
#pragma unroll
  for (int i = 0; i < Shape::kRowTiles * Math::kWidth / 2; ++i) {
    const int m = i / (Math::kWidth / 2), j = i / 4 % Shape::kColTiles, c = i % 4;
    const int64_t at = item + 16 * m + 8 * (c / 2) + g, col = 8 * j + 2 * t + c % 2;
    if (at < table.rows && col < table.width) dtable[at * table.width + col] = sums[m][j][c] * scale;
  }
}

template <class Math>
void run(const SoftmaxProblem& p, const SoftmaxCut& cut) {
  using Streamed = StreamedRows<Math>;
  constexpr int64_t kRows = kWarps * TileShape<Math::kWidth>::kRows;
  constexpr int64_t kScratch = kWarps * Math::kWarpScratch * static_cast<int64_t>(sizeof(float));
  constexpr int64_t kRowNumbers = Streamed::kRows * static_cast<int64_t>(sizeof(RowNumbers));
  static_assert(Streamed::kBytes + kRowNumbers + kScratch <= 99 << 10, "more than the smallest GPUs have");
  const bool differentiate = p.dx != nullptr;
  const PaddedMatrix x{p.x, p.rows, p.width}, table{p.table, p.items, p.width};
  constexpr int64_t kFilledUp = 128;
  static_assert(kFilledUp % kRows == 0);
  const CountedRows counted{p.rows, p.rows_in_use};
  const int64_t row_tiles = pieces(p.rows, kRows);
  const int64_t wanted = pieces(cut.blocks, pieces(p.rows, kFilledUp) * (kFilledUp / kRows));
  Parts parts{.items = pieces(pieces(p.items, wanted), Streamed::kRows) * Streamed::kRows,
              .section = cut.section};
  const int64_t count = pieces(p.items, parts.items);
  const Scratch<float> largest(count * p.rows), total(count * p.rows), target_scores(p.rows);
  const Scratch<float> sums(differentiate ? count * p.rows * p.width : 1);
  const Scratch<RowNumbers> numbers(p.rows);
  parts.largest = largest.data(), parts.total = total.data(), parts.target_scores = target_scores.data();
  parts.sums = differentiate ? sums.data() : nullptr;
  launch({"linear_cross_entropy", row_tiles, kThreads, count, Streamed::kBytes + kScratch}, rows_kernel<Math>,
         x, table, p.targets, parts);
  launch({"linear_cross_entropy", pieces(p.rows, kCombineWarps), kCombineWarps * kWarp}, combine_kernel<Math>,
         p.rows, p.width, count, parts, p.table, p.targets, counted, numbers.data(), p.losses, p.dx);
  if (!differentiate) return;
  launch({"linear_cross_entropy", pieces(p.items, kRows), kThreads, 1,
          Streamed::kBytes + kRowNumbers + kScratch},
         items_kernel<Math>, table, x, numbers.data(), counted, p.dtable);
}

template <template <int> class Math>
void run_wide_enough(const SoftmaxProblem& problem, const SoftmaxCut& cut) {
  if (problem.width <= 64) return run<Math<64>>(problem, cut);
  if (problem.width <= 80) return run<Math<80>>(problem, cut);
  run<Math<128>>(problem, cut);
}

}  // namespace

bool can_fuse_softmax(int64_t width) {
  return width % 4 == 0 && width <= 128;
}

void fused_softmax(Precision precision, const SoftmaxProblem& problem, const SoftmaxCut& cut) {
  if (precision == Precision::bf16) return run_wide_enough<Bf16>(problem, cut);
  if (precision == Precision::tf32) return run_wide_enough<Tf32>(problem, cut);
  run_wide_enough<Fp32>(problem, cut);
}

}  // namespace cce::cuda
