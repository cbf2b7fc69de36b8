// BPR-max (Hidasi and Karatzoglou 2018; Eq. 11 of the paper), with s the softmax over a row's negatives:
//
//   L = -1/P sum over p of log( sum over negatives j of s_j sigmoid(r+ - r_j) )
//       [ + lambda/P sum over p of sum over j of s_j r_j^2 ]
//
// The weights s let the negatives that score highest count, so that more samples do not drown them (Eq. 13).
// The second line, which keeps the negatives' scores near 0, is the official GRU4Rec's (bpreg, lambda = 1,
// with ELU on the scores); the paper leaves it out, so here lambda, --score-regularization, is 0.
//
// Stable form, with b_j = r+ - r_j:
//
//   sum of s_j sigmoid(b_j) = exp(logsumexp(r_j + log sigmoid(b_j)) - logsumexp(r_j))
//
// The form that --pair-form authors asks for is in losses/pairwise.h.
#include "engine/ops/ops.h"
#include "losses/criteria.h"
#include "losses/pairwise.h"

namespace cce {
namespace {

Tensor authors_bpr_max(const Context& ctx, const SampledScores& r, double regularization) {
  Tensor cost_PN = affine(ctx, log_sigmoid(ctx, margins(ctx, r)), -1);
  if (regularization != 0) cost_PN = add(ctx, cost_PN, affine(ctx, score_squares(ctx, r), regularization));
  return mean_of_weighted_pairs(ctx, r, cost_PN);
}

}  // namespace

Tensor bpr_max(const Context& ctx, const LossInput& in, const LossOptions& options) {
  const SampledScores r = sampled_scores(ctx, in, options.score_elu);
  if (options.pair_form == PairForm::authors) return authors_bpr_max(ctx, r, options.score_regularization);
  const Tensor won_PN = add(ctx, r.negative_PN, log_sigmoid(ctx, margins(ctx, r)));
  Tensor loss_P1 = subtract(ctx, row_log_sum_exp(ctx, r.negative_PN), row_log_sum_exp(ctx, won_PN));
  if (options.score_regularization != 0) {
    const Tensor penalty_P1 =
        row_sum(ctx, multiply(ctx, row_softmax(ctx, r.negative_PN), score_squares(ctx, r)));
    loss_P1 = add(ctx, loss_P1, affine(ctx, penalty_P1, options.score_regularization));
  }
  return mean(ctx, loss_P1);
}

}  // namespace cce
