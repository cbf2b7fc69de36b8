// What criteria have in common that compare the right item with each sampled one.
#pragma once

#include "losses/sampled_scores.h"

namespace cce {

/// r+ - r_j: how far the right item is ahead of each sampled one, [P, N].
Tensor margins(const Context& ctx, const SampledScores& r);

/// What TOP1 and TOP1-max ask of each sampled item, sigmoid(r_j - r+) + regularization * sigmoid(r_j^2), [P,
/// N]; the second term only where the row keeps the item.
Tensor top1_costs(const Context& ctx, const SampledScores& r, double regularization);

}  // namespace cce
