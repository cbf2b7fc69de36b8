// How much NDCG a swap of the positive item with a negative one would change: one thread, one negative. A
// rank is found by counting who stands before.
#include "engine/cuda/for_each.h"
#include "engine/ops/cuda_ops.h"

namespace cce::cuda {
namespace {

struct Deltas {
  int64_t count;
  const float *positives, *negatives;
  float* deltas;

  /// What an item adds to DCG if it is the relevant one, by its rank (0 is best).
  __device__ static double gain(int64_t rank) { return 1 / std::log2(static_cast<double>(rank) + 2); }

  __device__ void operator()(int64_t i) const {
    const int64_t row = i / count, n = i % count;
    const float *const scores = negatives + row * count, positive = positives[row];
    int64_t better = 0, before = 0;  // than the positive, before negative n
    for (int64_t j = 0; j < count; ++j) {
      better += scores[j] >= positive ? 1 : 0;  // of equal scores the positive ranks last
      before += scores[j] > scores[n] || (scores[j] == scores[n] && j < n) ? 1 : 0;
    }
    const int64_t rank = before < better ? before : before + 1;  // the positive stands in between
    deltas[i] = static_cast<float>(std::abs(gain(better) - gain(rank)));
  }
};

}  // namespace

void ndcg_deltas(int64_t rows, int64_t count, const float* positives, const float* negatives, float* deltas) {
  for_each("ndcg_deltas", rows * count, Deltas{count, positives, negatives, deltas});
}

}  // namespace cce::cuda
