// What can be asked of the scores at a timestamp. One criterion, one file, which states its equation.
#pragma once

#include "losses/loss.h"

namespace cce {

/// softmax_cross_entropy.cpp: all items compete (Eq. 23; over all timestamps, CCE, Eq. 26).
Tensor softmax_cross_entropy(const Context& ctx, const LossInput& in, const LossOptions& options);
/// sampled_softmax.cpp: the right item competes with the sampled ones, which stand for all.
Tensor sampled_softmax(const Context& ctx, const LossInput& in, const LossOptions& options);

/// binary_cross_entropy.cpp: the right item yes, the sampled ones no (Eq. 20).
Tensor binary_cross_entropy(const Context& ctx, const LossInput& in, const LossOptions& options);
/// generalised_binary_cross_entropy.cpp: the same, with a weaker yes that makes up for the sampling.
Tensor generalised_binary_cross_entropy(const Context& ctx, const LossInput& in, const LossOptions& options);

/// bpr.cpp, top1.cpp: every pair of the right and a sampled item, the right one higher (Eq. 7, 8).
Tensor bpr(const Context& ctx, const LossInput& in, const LossOptions& options);
Tensor top1(const Context& ctx, const LossInput& in, const LossOptions& options);
/// bpr_max.cpp, top1_max.cpp: the same, the highest sampled items counting most (Eq. 11, 12).
Tensor bpr_max(const Context& ctx, const LossInput& in, const LossOptions& options);
Tensor top1_max(const Context& ctx, const LossInput& in, const LossOptions& options);
/// lambdarank.cpp: the same as BPR, each pair weighted by the NDCG that swapping it would change.
Tensor lambdarank(const Context& ctx, const LossInput& in, const LossOptions& options);

}  // namespace cce
