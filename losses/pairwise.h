// What criteria have in common that compare the right item with each sampled one.
//
// The max forms weight each pair by s_j, the softmax over its row's negatives. The paper sums the weighted
// pairs of a row, and BPR-max takes the logarithm of that sum. In the code of the paper's authors
// (PairForm::authors) each pair has a cost of its own, and the loss is the mean over all pairs:
//
//   BPR-max:    mean of s_j cost_j,  cost_j = -log sigmoid(r+ - r_j) [ + lambda r_j^2 ]
//   TOP1-max:   mean of s_j cost_j,  cost_j =      sigmoid(r_j - r+) [ + lambda r_j^2 ]
//   TOP1:       mean of     cost_j,  the same
//
// So what keeps the negatives' scores near 0 in TOP1 is r_j^2 itself there (lambda = 1), not sigmoid(r_j^2).
#pragma once

#include "losses/sampled_scores.h"

namespace cce {

/// r+ - r_j: how far the right item is ahead of each sampled one, [P, N].
Tensor margins(const Context& ctx, const SampledScores& r);

/// r_j^2, 0 where the row does not keep the item, [P, N].
Tensor score_squares(const Context& ctx, const SampledScores& r);

/// What TOP1 and TOP1-max ask of each sampled item, [P, N]: sigmoid(r_j - r+) + score_regularization * f,
/// where f is sigmoid(r_j^2), only where the row keeps the item, or, in the authors' form, r_j^2.
Tensor top1_costs(const Context& ctx, const SampledScores& r, const LossOptions& options);

/// The mean over all pairs of s_j cost_j, a scalar.
Tensor mean_of_weighted_pairs(const Context& ctx, const SampledScores& r, const Tensor& cost_PN);

}  // namespace cce
