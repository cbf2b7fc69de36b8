// Rows of a table by number. Forward copies: one thread, one number. Backward adds row t of dy to row ids[t]
// of the table's gradient: positions are sorted by id first, and the warp at the first position of an id adds
// up all rows that belong to it, in their order. So each table row has one owner, and the same bits every
// time.
#include "engine/cuda/for_each.h"
#include "engine/cuda/reduce.h"
#include "engine/cuda/scratch.h"
#include "engine/cuda/sort.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

constexpr int kWarpsPerBlock = 8;

/// y[t, :] = table[ids[t], :].
struct Gather {
  int64_t width;
  const float* table;
  const int32_t* ids;
  float* y;
  __device__ void operator()(int64_t i) const { y[i] = table[ids[i / width] * width + i % width]; }
};

/// dtable[id, :] += dy[t, :] for all t with ids[t] = id. One warp, one place in the sorted order; lanes take
/// columns.
__global__ void scatter_kernel(int64_t count, int64_t width, const int32_t* ids, const int32_t* order,
                               int64_t padding_row, const float* dy, float* dtable) {
  const int64_t first = static_cast<int64_t>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
  if (first >= count) return;
  const int64_t id = ids[order[first]];
  if (id == padding_row) return;
  if (first > 0 && ids[order[first - 1]] == id) return;  // another warp's
  for (int64_t k = lane_of_thread(); k < width; k += kWarp) {
    float total = dtable[id * width + k];
    for (int64_t at = first; at < count && ids[order[at]] == id; ++at) total += dy[order[at] * width + k];
    dtable[id * width + k] = total;
  }
}

}  // namespace

void embedding_forward(int64_t count, int64_t width, const float* table, const int32_t* ids, float* y) {
  for_each("embedding", count * width, Gather{width, table, ids, y});
}

void embedding_backward(int64_t count, int64_t width, int64_t rows, const int32_t* ids, int64_t padding_row,
                        const float* dy, float* dtable) {
  const Scratch<int32_t> order(count);
  stable_order(count, ids, rows, order.data());
  launch({"embedding, backward", pieces(count, kWarpsPerBlock), kWarpsPerBlock * kWarp}, scatter_kernel,
         count, width, ids, order.data(), padding_row, dy, dtable);
}

}  // namespace cce::cuda
