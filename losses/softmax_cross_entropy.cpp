// CE (Eq. 23) and, over all timestamps, CCE (Eq. 26) of the paper; over hidden positions, MLM:
//
//   L = -1/P sum over p of log( exp(r_p,target) / sum over all items j of exp(r_p,j) ),
//   r_p,j = hidden_p . table_j
//
// No negatives are sampled: every row of the item table competes, the padding's and the mask token's
// included, as in the reference. The scores never exist as a matrix; see engine/ops/linear_cross_entropy.cpp.
#include "engine/ops/ops.h"
#include "losses/criteria.h"

namespace cce {

Tensor softmax_cross_entropy(const Context& ctx, const LossInput& in, const LossOptions&) {
  return linear_cross_entropy(ctx, in.hidden_PD, in.table_ID, in.targets_P);
}

}  // namespace cce
