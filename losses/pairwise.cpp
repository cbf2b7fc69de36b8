#include "losses/pairwise.h"

#include "engine/ops/ops.h"

namespace cce {

Tensor margins(const Context& ctx, const SampledScores& r) {
  return affine(ctx, subtract(ctx, r.negative_PN, r.positive_P1), -1);
}

Tensor score_squares(const Context& ctx, const SampledScores& r) {
  return only_kept(ctx, r, square(ctx, r.plain_negative_PN));
}

Tensor top1_costs(const Context& ctx, const SampledScores& r, const LossOptions& options) {
  const Tensor beaten_PN = sigmoid(ctx, subtract(ctx, r.negative_PN, r.positive_P1));
  if (options.score_regularization == 0) return beaten_PN;
  const Tensor penalty_PN = options.pair_form == PairForm::authors
                                ? score_squares(ctx, r)
                                : only_kept(ctx, r, sigmoid(ctx, square(ctx, r.plain_negative_PN)));
  return add(ctx, beaten_PN, affine(ctx, penalty_PN, options.score_regularization));
}

Tensor mean_of_weighted_pairs(const Context& ctx, const SampledScores& r, const Tensor& cost_PN) {
  return mean(ctx, multiply(ctx, row_softmax(ctx, r.negative_PN), cost_PN));
}

}  // namespace cce
