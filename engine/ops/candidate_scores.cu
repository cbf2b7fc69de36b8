// Scores of a few candidates per row: one warp, one score. The table's gradient is gathered by the warps that
// own its rows, as in embedding.cu.
#include "engine/cuda/for_each.h"
#include "engine/cuda/reduce.h"
#include "engine/cuda/scratch.h"
#include "engine/cuda/sort.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

constexpr int kWarpsPerBlock = 8;

__device__ int64_t number_of_warp() {
  return static_cast<int64_t>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
}

/// scores[p, c] = x[p] . table[ids[p, c]]; i counts scores.
__global__ void forward_kernel(int64_t scores_count, int64_t width, int64_t candidates, const float* x,
                               const float* table, const int32_t* ids, float* scores) {
  const int64_t i = number_of_warp();
  if (i >= scores_count) return;
  const float *const row = x + i / candidates * width, *const item = table + ids[i] * width;
  float total = 0;
  for (int64_t k = lane_of_thread(); k < width; k += kWarp) total += row[k] * item[k];
  total = warp_sum(total);
  if (lane_of_thread() == 0) scores[i] = total;
}

/// dx[p, k] += sum over c of ds[p, c] table[ids[p, c], k]: one thread, one number of dx.
struct BackwardX {
  int64_t width, candidates;
  const float* table;
  const int32_t* ids;
  const float* ds;
  float* dx;
  __device__ void operator()(int64_t i) const {
    const int64_t p = i / width, k = i % width;
    float total = dx[i];
    for (int64_t at = p * candidates; at < (p + 1) * candidates; ++at)
      total += ds[at] * table[ids[at] * width + k];
    dx[i] = total;
  }
};

/// dtable[id, :] += ds[p, c] x[p, :] for all (p, c) with ids[p, c] = id.
__global__ void backward_table_kernel(int64_t scores_count, int64_t width, int64_t candidates, const float* x,
                                      const int32_t* ids, const int32_t* order, const float* ds,
                                      float* dtable) {
  const int64_t first = number_of_warp();
  if (first >= scores_count) return;
  const int64_t id = ids[order[first]];
  if (first > 0 && ids[order[first - 1]] == id) return;  // another warp's
  for (int64_t k = lane_of_thread(); k < width; k += kWarp) {
    float total = dtable[id * width + k];
    for (int64_t at = first; at < scores_count && ids[order[at]] == id; ++at) {
      total += ds[order[at]] * x[order[at] / candidates * width + k];
    }
    dtable[id * width + k] = total;
  }
}

}  // namespace

void candidate_scores_forward(int64_t rows, int64_t width, int64_t candidates, const float* x,
                              const float* table, const int32_t* ids, float* scores) {
  const int64_t count = rows * candidates;
  launch({"candidate_scores", pieces(count, kWarpsPerBlock), kWarpsPerBlock * kWarp}, forward_kernel, count,
         width, candidates, x, table, ids, scores);
}

void candidate_scores_backward_x(int64_t rows, int64_t width, int64_t candidates, const float* table,
                                 const int32_t* ids, const float* ds, float* dx) {
  for_each("candidate_scores, backward", rows * width, BackwardX{width, candidates, table, ids, ds, dx});
}

void candidate_scores_backward_table(int64_t rows, int64_t width, int64_t candidates, int64_t items,
                                     const float* x, const int32_t* ids, const float* ds, float* dtable) {
  const int64_t count = rows * candidates;
  const Scratch<int32_t> order(count);
  stable_order(count, ids, items, order.data());
  launch({"candidate_scores, backward", pieces(count, kWarpsPerBlock), kWarpsPerBlock * kWarp},
         backward_table_kernel, count, width, candidates, x, ids, order.data(), ds, dtable);
}

}  // namespace cce::cuda
