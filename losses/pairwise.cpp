#include "losses/pairwise.h"

#include "engine/ops/ops.h"

namespace cce {

Tensor margins(const Context& ctx, const SampledScores& r) {
  return affine(ctx, subtract(ctx, r.negative_PN, r.positive_P1), -1);
}

Tensor top1_costs(const Context& ctx, const SampledScores& r, double regularization) {
  const Tensor beaten_PN = sigmoid(ctx, subtract(ctx, r.negative_PN, r.positive_P1));
  if (regularization == 0) return beaten_PN;
  const Tensor squares_PN = only_kept(ctx, r, sigmoid(ctx, square(ctx, r.plain_negative_PN)));
  return add(ctx, beaten_PN, affine(ctx, squares_PN, regularization));
}

}  // namespace cce
