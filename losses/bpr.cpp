// BPR (Rendle et al. 2009; Eq. 7 of the paper):
//
//   L = -1/P sum over p of 1/N sum over negatives j of log sigmoid(r+ - r_j)
//
// Its gradient on r+ (Eq. 9) is minus a mean over the negatives of sigmoid(r_j - r+): the few negatives that
// still score high are averaged away by the many that do not, the more so the more are drawn. BPR-max mends
// that.
#include "engine/ops/ops.h"
#include "losses/criteria.h"
#include "losses/pairwise.h"

namespace cce {

Tensor bpr(const Context& ctx, const LossInput& in, const LossOptions& options) {
  const SampledScores r = sampled_scores(ctx, in, options.score_elu);
  return affine(ctx, mean(ctx, log_sigmoid(ctx, margins(ctx, r))), -1);
}

}  // namespace cce
