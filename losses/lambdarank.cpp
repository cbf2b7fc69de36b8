// LambdaRank (Burges 2010) for one right item among N + 1 candidates, the target and N negatives:
//
//   L = -1/P sum over p of sum over negatives j of w_j log sigmoid(r+ - r_j)
//   w_j = | 1 / log2(2 + rank of the target) - 1 / log2(2 + rank of j) |
//
// Ranks (0 is best) are those of the current scores among the N + 1 candidates, so w_j is what NDCG, whose
// ideal is 1 here, would change by if target and j swapped places. The weights are constants in
// differentiation: the gradient on r+ is the lambda of LambdaRank, the sum of -w_j sigmoid(r_j - r+). As they
// are larger the higher the target stands, L itself may rise while the ranking gets better.
#include "engine/ops/ops.h"
#include "losses/criteria.h"
#include "losses/pairwise.h"

namespace cce {

Tensor lambdarank(const Context& ctx, const LossInput& in, const LossOptions&) {
  const SampledScores r = sampled_scores(ctx, in);
  const Tensor weights_PN = ndcg_deltas(ctx, r.positive_P1, r.negative_PN);
  const Tensor pairs_PN = multiply(ctx, log_sigmoid(ctx, margins(ctx, r)), weights_PN);
  return affine(ctx, mean(ctx, row_sum(ctx, pairs_PN)), -1);
}

}  // namespace cce
