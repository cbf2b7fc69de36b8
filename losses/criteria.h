// What can be asked of the scores at a timestamp. One criterion, one file.
#pragma once

#include "losses/loss.h"

namespace cce {

/// softmax_cross_entropy.cpp: all items compete (Eq. 23; over all timestamps, CCE, Eq. 26).
Tensor softmax_cross_entropy(const Context& ctx, const LossInput& in);
/// binary_cross_entropy.cpp: the next item yes, the sampled ones no (Eq. 20).
Tensor binary_cross_entropy(const Context& ctx, const LossInput& in);

}  // namespace cce
