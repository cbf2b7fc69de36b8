// How much NDCG a swap of the positive item with a negative one would change: LambdaRank's weights.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

/// What an item adds to DCG if it is the relevant one, by its rank among `count` (0 is best).
std::vector<double> rank_gains(int64_t count) {
  std::vector<double> gains;
  for (int64_t rank = 0; rank < count; ++rank) gains.push_back(1 / std::log2(static_cast<double>(rank) + 2));
  return gains;
}

/// One row of ndcg_deltas: deltas[j] for the scores of one positive item and `count` negative ones.
template <class T>
void row_deltas(const std::vector<double>& gains, int64_t count, T positive, const T* negatives,
                std::vector<int32_t>& order, T* deltas) {
  const auto better = std::count_if(negatives, negatives + count, [=](T score) { return score >= positive; });
  order.resize(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  // Stable, for equal scores, and since it gets along with scores that are no numbers.
  std::ranges::stable_sort(order, std::greater{}, [=](int32_t n) { return negatives[n]; });
  for (int64_t place = 0; place < count; ++place) {
    const int64_t rank = place < better ? place : place + 1;  // the positive stands in between
    const double delta = gains[static_cast<size_t>(better)] - gains[static_cast<size_t>(rank)];
    deltas[order[static_cast<size_t>(place)]] = static_cast<T>(std::abs(delta));
  }
}

template <class T>
void ndcg_deltas(Parallel& parallel, int64_t rows, int64_t count, const T* positives, const T* negatives,
                 T* deltas) {
  const std::vector<double> gains = rank_gains(count + 1);
  parallel.ranges(rows, 16, [&](int64_t begin, int64_t end) {
    std::vector<int32_t> order;
    for (int64_t row = begin; row < end; ++row) {
      row_deltas(gains, count, positives[row], negatives + row * count, order, deltas + row * count);
    }
  });
}

}  // namespace
}  // namespace cpu

Tensor ndcg_deltas(const Context& ctx, const Tensor& positive_P1, const Tensor& negative_PN) {
  const int64_t rows = negative_PN.rows(), count = negative_PN.cols();
  require(positive_P1.shape() == Shape{rows, 1},
          "[ndcg_deltas] expected one positive score for each of {} rows, got shape {}", rows,
          positive_P1.shape());
  return visit_real(negative_PN.dtype(), "ndcg_deltas", [&]<class T>() {
    Tensor deltas_PN = Tensor::empty(negative_PN.shape(), negative_PN.dtype(), ctx.device);
    ON_DEVICE(ctx.executor(), ndcg_deltas, rows, count, positive_P1.data<T>(), negative_PN.data<T>(),
              deltas_PN.data<T>());
    return deltas_PN;
  });
}

}  // namespace cce
