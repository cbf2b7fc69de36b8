// BCE (Eq. 20 of the paper), as SASRec and S3-Rec train with it:
//
//   L = -1/P sum over p of [ log sigmoid(r_p,target) + sum over negatives n of log(1 - sigmoid(r_p,n)) ]
//
// The reference adds 1e-24 inside the logarithms; the stable form log(1 - sigmoid(r)) = log sigmoid(-r) needs
// no such help. With its one negative per position the sum over n has one term.
#include "engine/ops/ops.h"
#include "losses/criteria.h"

namespace cce {

Tensor binary_cross_entropy(const Context& ctx, const LossInput& in) {
  const Tensor positive_P1 =
      candidate_scores(ctx, in.hidden_PD, in.table_ID, in.targets_P.reshaped({in.targets_P.size(), 1}));
  const Tensor negative_PN = candidate_scores(ctx, in.hidden_PD, in.table_ID, in.negatives_PN);
  const Tensor yes_P1 = log_sigmoid(ctx, positive_P1);
  const Tensor no_P1 = row_sum(ctx, log_sigmoid(ctx, affine(ctx, negative_PN, -1)));
  return affine(ctx, mean(ctx, add(ctx, yes_P1, no_P1)), -1);
}

}  // namespace cce
