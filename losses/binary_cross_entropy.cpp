// BCE (Eq. 20 of the paper), as SASRec and S3-Rec train with it:
//
//   L = -1/P sum over p of [ log sigmoid(r+) + sum over negatives j of log(1 - sigmoid(r_j)) ]
//
// The reference adds 1e-24 inside the logarithms; the stable form log(1 - sigmoid(r)) = log sigmoid(-r) needs
// no such help. With the reference's one negative per position the sum over j has one term.
#include "engine/ops/ops.h"
#include "losses/criteria.h"
#include "losses/sampled_scores.h"

namespace cce {

Tensor binary_cross_entropy(const Context& ctx, const LossInput& in, const LossOptions&) {
  const SampledScores r = sampled_scores(ctx, in);
  const Tensor yes_P1 = log_sigmoid(ctx, r.positive_P1);
  const Tensor no_P1 = row_sum(ctx, log_sigmoid(ctx, affine(ctx, r.negative_PN, -1)));
  return affine(ctx, mean(ctx, add(ctx, yes_P1, no_P1)), -1);
}

}  // namespace cce
