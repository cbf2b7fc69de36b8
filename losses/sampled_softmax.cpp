// Sampled softmax with logQ correction (Bengio and Senecal 2008; Jean et al. 2015):
//
//   L = -1/P sum over p of log( exp(r+) / (exp(r+) + sum over negatives j of exp(r_j - log E_j)) )
//
// E_j is the number of times that item j was to be expected among the N negatives (N times its probability).
// Dividing by it makes the sum an unbiased estimate of the full softmax's sum over the items that the user
// never had, which are those that samplers draw from: an item that is drawn often counts less each time. The
// target is always in the sum, hence uncorrected. Without the correction (--logq 0) popular items, which
// popularity and in-batch sampling draw most, are pushed down too far.
//
// With u = log sum over j of exp(r_j - log E_j) the logarithm is that of exp(r+) / (exp(r+) + exp(u)) =
// sigmoid(r+ - u), which no score can overflow.
#include "engine/ops/ops.h"
#include "losses/criteria.h"
#include "losses/sampled_scores.h"

namespace cce {

Tensor sampled_softmax(const Context& ctx, const LossInput& in, const LossOptions& options) {
  const SampledScores r = sampled_scores(ctx, in);
  Tensor corrected_PN = r.negative_PN;
  if (options.logq != 0) {
    require(in.negatives.log_expected_PN.defined(),
            "[sampled_softmax] the logQ correction needs log_expected_PN");
    const Tensor log_expected_PN = constant_like(in.negatives.log_expected_PN, corrected_PN);
    corrected_PN = add(ctx, corrected_PN, affine(ctx, log_expected_PN, -options.logq));
  }
  const Tensor wrong_P1 = row_log_sum_exp(ctx, corrected_PN);  // u
  return affine(ctx, mean(ctx, log_sigmoid(ctx, subtract(ctx, r.positive_P1, wrong_P1))), -1);
}

}  // namespace cce
