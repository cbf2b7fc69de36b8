#include "losses/sampled_scores.h"

#include "engine/ops/ops.h"

namespace cce {
namespace {

/// [P, N]. Negatives that all rows share are one matrix product; those of each row's own are picked one by
/// one.
Tensor negative_scores(const Context& ctx, const LossInput& in) {
  const Tensor& items = in.negatives.items;
  if (items.shape().rank() == 2) return candidate_scores(ctx, in.hidden_PD, in.table_ID, items);
  return linear(ctx, in.hidden_PD, select_rows(ctx, in.table_ID, items), {});
}

/// ELU with any alpha: alpha * elu(x) + (1 - alpha) * relu(x).
Tensor elu_with(const Context& ctx, const Tensor& x, double alpha) {
  if (alpha == 0) return x;
  return add(ctx, affine(ctx, elu(ctx, x), alpha), affine(ctx, relu(ctx, x), 1 - alpha));
}

}  // namespace

SampledScores sampled_scores(const Context& ctx, const LossInput& in, double elu) {
  require(in.negatives.items.defined(), "[sampled_scores] this criterion needs negatives");
  const Tensor targets_P1 = in.targets_P.reshaped({in.targets_P.size(), 1});
  const Tensor positive_P1 = elu_with(ctx, candidate_scores(ctx, in.hidden_PD, in.table_ID, targets_P1), elu);
  const Tensor plain_PN = elu_with(ctx, negative_scores(ctx, in), elu);
  const Tensor& penalty_PN = in.negatives.penalty_PN;
  if (!penalty_PN.defined()) return {positive_P1, plain_PN, plain_PN, {}};
  const Tensor penalty = constant_like(penalty_PN, plain_PN);
  return {positive_P1, add(ctx, plain_PN, penalty), plain_PN, penalty};
}

Tensor only_kept(const Context& ctx, const SampledScores& scores, const Tensor& x_PN) {
  if (!scores.penalty_PN.defined()) return x_PN;
  const Tensor kept_PN =
      relu(ctx, affine(ctx, scores.penalty_PN, 1, 1));  // relu(1 + 0) or relu(1 + kRuledOut)
  return multiply(ctx, x_PN, kept_PN);
}

}  // namespace cce
