// TOP1 (Hidasi et al. 2016; Eq. 8 of the paper):
//
//   L = 1/P sum over p of 1/N sum over negatives j of ( sigmoid(r_j - r+) [ + lambda sigmoid(r_j^2) ] )
//
// It counts, smoothly, the negatives that stand before the right item. Its gradient (Eq. 10) vanishes when N
// grows, as BPR's does, and also where a negative stands far before. The term in brackets keeps the
// negatives' scores near 0: it is the official GRU4Rec's (lambda = 1; its mean is over N + 1 items, the right
// one among them, whose regularisation it takes out again: the same up to a factor and a constant) and left
// out of Eq. 8, so here lambda, --score-regularization, is 0. With --pair-form authors it is lambda r_j^2.
#include "engine/ops/ops.h"
#include "losses/criteria.h"
#include "losses/pairwise.h"

namespace cce {

Tensor top1(const Context& ctx, const LossInput& in, const LossOptions& options) {
  const SampledScores r = sampled_scores(ctx, in, options.score_elu);
  return mean(ctx, top1_costs(ctx, r, options));
}

}  // namespace cce
