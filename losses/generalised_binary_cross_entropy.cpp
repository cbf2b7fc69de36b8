// gBCE (Petrov and Macdonald 2023, "gSASRec: Reducing Overconfidence in Sequential Recommendation Trained
// with Negative Sampling"): BCE with N negatives, whose yes is weakened by the exponent beta:
//
//   L = -1/(N+1) 1/P sum over p of [ log sigmoid(r+)^beta + sum over negatives j of log(1 - sigmoid(r_j)) ]
//   beta = alpha (t (1 - 1/alpha) + 1/alpha),   alpha = N / (items - 1)
//
// Sampling shows the model every right item but only a share alpha of the wrong ones, so BCE (t = 0, beta =
// 1) learns probabilities that are too large. At t = 1 (beta = alpha) they are those that the full softmax
// learns; t in between trades calibration for speed of learning. The paper's t is 0.75, its N 256. That is so
// for negatives drawn uniformly; with other samplers alpha is still the share, but items differ in their
// chance.
#include "engine/ops/ops.h"
#include "losses/criteria.h"
#include "losses/sampled_scores.h"

namespace cce {

Tensor generalised_binary_cross_entropy(const Context& ctx, const LossInput& in, const LossOptions& options) {
  require(in.items >= 2, "[gbce] expected at least two items to choose from, got {}", in.items);
  const SampledScores r = sampled_scores(ctx, in);
  const auto negatives = static_cast<double>(r.negative_PN.cols());
  const double alpha = negatives / static_cast<double>(in.items - 1);
  if (alpha > 1)
    fail_usage("--loss gbce: {} negatives a row are more than there are wrong items, {}; ask for fewer",
               r.negative_PN.cols(), in.items - 1);
  const double beta = alpha * (options.calibration * (1 - 1 / alpha) + 1 / alpha);
  const Tensor yes_P1 = affine(ctx, log_sigmoid(ctx, r.positive_P1), beta);
  const Tensor no_P1 = row_sum(ctx, log_sigmoid(ctx, affine(ctx, r.negative_PN, -1)));
  return affine(ctx, mean(ctx, add(ctx, yes_P1, no_P1)), -1 / (negatives + 1));
}

}  // namespace cce
