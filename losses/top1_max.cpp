// TOP1-max (Hidasi and Karatzoglou 2018; Eq. 12 of the paper), with s the softmax over a row's negatives:
//
//   L = 1/P sum over p of sum over negatives j of s_j ( sigmoid(r_j - r+) [ + lambda sigmoid(r_j^2) ] )
//
// The weights s let the negatives that score highest count, so that more samples do not drown them (Eq. 14);
// what still vanishes is the gradient from a negative that stands far before the right item. The term in
// brackets is the official GRU4Rec's (lambda = 1); the paper leaves it out, so here lambda,
// --score-regularization, is 0. The form that --pair-form authors asks for is in losses/pairwise.h.
#include "engine/ops/ops.h"
#include "losses/criteria.h"
#include "losses/pairwise.h"

namespace cce {

Tensor top1_max(const Context& ctx, const LossInput& in, const LossOptions& options) {
  const SampledScores r = sampled_scores(ctx, in, options.score_elu);
  const Tensor cost_PN = top1_costs(ctx, r, options);
  if (options.pair_form == PairForm::authors) return mean_of_weighted_pairs(ctx, r, cost_PN);
  return mean(ctx, row_sum(ctx, multiply(ctx, row_softmax(ctx, r.negative_PN), cost_PN)));
}

}  // namespace cce
