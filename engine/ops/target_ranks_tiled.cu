// Counts which items score higher than a row's target, and which the same, by tiles of scores that never
// leave registers: the scheme of the fused softmax (tile_math.h), whose product in full precision is the
// chain of fused multiply-adds that every score is (target_ranks.cu), with zeros behind it at most.
//
// One block keeps 128 rows (64, if they are wider than 64 numbers), 32 (16) to a warp, and goes through a
// part of the items, 64 or 32 of which stand in shared memory at a time. A thread compares the scores it has
// with its rows' targets; four lanes that have the same rows add up, and what all blocks find is added with
// integers, whose order does not matter.
//
// Shared memory of a block, and registers of a thread (nvcc 13.0 for 8.0 / 9.0; none are spilled):
//
//   width 64: 67 KB, 102 / 128      80: 62 KB, 77 / 77      128: 66 KB, 73 / 73
//
// So two blocks fit a multiprocessor of 8.0, three one of 9.0, and one those of 8.6 and 8.9.
#include "engine/ops/target_ranks_tiled.h"

#include "engine/cuda/launch.h"
#include "engine/cuda/streamed_rows.h"

namespace cce::cuda {
namespace {

constexpr int kWarps = 4, kThreads = kWarps * kWarp;

/// One block: a tile of rows, blockIdx.x, and a part of the items, blockIdx.y.
template <int kWidth>
__global__ void __launch_bounds__(kThreads, 2)
    count_tiles_kernel(PaddedMatrix x, PaddedMatrix table, int64_t part, const float* targets,
                       int32_t* higher, int32_t* same) {
  using Math = Fp32<kWidth>;
  using Shape = TileShape<kWidth>;
  using Streamed = StreamedRows<Math>;
  constexpr int kThreadRows = 2 * Shape::kRowTiles;
  auto* const shared = dynamic_shared<unsigned char>();
  const int warp = static_cast<int>(threadIdx.x) / kWarp, g = lane_of_thread() / 4, t = lane_of_thread() % 4;
  const int64_t row = (static_cast<int64_t>(blockIdx.x) * kWarps + warp) * Shape::kRows;
  const int64_t first = blockIdx.y * part, end = first + part < table.rows ? first + part : table.rows;
  Streamed items(table, shared);
  items.start(first, end);
  const typename Math::Kept kept(
      x, row, reinterpret_cast<float*>(shared + Streamed::kBytes) + warp * Math::kKeptScratch);
  float target[kThreadRows];
  int32_t higher_here[kThreadRows] = {}, same_here[kThreadRows] = {};
#pragma unroll
  for (int r = 0; r < kThreadRows; ++r) {
    target[r] = row + 8 * r + g < x.rows ? targets[row + 8 * r + g] : 0.0F;
  }

#pragma unroll 1
  for (int64_t item = first; item < end; item += Streamed::kRows) {
    __syncthreads();
    items.take();
    __syncthreads();
    items.start(item + Streamed::kRows, end);
#pragma unroll 1
    for (int step = 0; step < Streamed::kRows && item + step < end; step += kStep) {
      Scores<kWidth> s{};
      Math::multiply(kept, items.rows(step), s);
      const int64_t present = end - item - step;
#pragma unroll
      for (int i = 0; i < kStepTiles * 2; ++i) {
        if (i / 2 * 8 + 2 * t + i % 2 >= present) continue;
#pragma unroll
        for (int r = 0; r < kThreadRows; ++r) {
          const float score = s[r / 2][i / 2][r % 2 * 2 + i % 2];
          if (score > target[r]) ++higher_here[r];
          if (score == target[r]) ++same_here[r];
        }
      }
    }
  }
#pragma unroll
  for (int r = 0; r < kThreadRows; ++r) {
    const int32_t all_higher = quad_sum(higher_here[r]), all_same = quad_sum(same_here[r]);
    if (t != 0 || row + 8 * r + g >= x.rows) continue;
    atomicAdd(&higher[row + 8 * r + g], all_higher);
    atomicAdd(&same[row + 8 * r + g], all_same);
  }
}

template <int kWidth>
void run(const RankProblem& p, int64_t blocks) {
  using Streamed = StreamedRows<Fp32<kWidth>>;
  constexpr int64_t kRows = kWarps * TileShape<kWidth>::kRows;
  constexpr int64_t kShared =
      Streamed::kBytes + kWarps * Fp32<kWidth>::kKeptScratch * static_cast<int64_t>(sizeof(float));
  static_assert(kShared <= 99 << 10, "more than the smallest GPUs have");
  const int64_t tiles = pieces(p.rows, kRows), wanted = pieces(blocks, tiles);
  const int64_t part = pieces(pieces(p.items, wanted), Streamed::kRows) * Streamed::kRows;
  launch({"target_ranks", tiles, kThreads, pieces(p.items, part), kShared}, count_tiles_kernel<kWidth>,
         PaddedMatrix{p.x, p.rows, p.width}, PaddedMatrix{p.table, p.items, p.width}, part,
         static_cast<const float*>(p.target_scores), p.higher, p.same);
}

}  // namespace

bool can_count_tiles(int64_t width) {
  return width % 4 == 0 && width <= 128;
}

void count_tiles(const RankProblem& p, int64_t blocks) {
  if (p.rows == 0) return;
  if (p.width <= 64) return run<64>(p, blocks);
  if (p.width <= 80) return run<80>(p, blocks);
  run<128>(p, blocks);
}

}  // namespace cce::cuda
