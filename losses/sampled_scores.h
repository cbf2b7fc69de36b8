// What every sampled criterion begins with: the scores of the right item and of the wrong ones.
#pragma once

#include "losses/loss.h"

namespace cce {

struct SampledScores {
  Tensor positive_P1;  ///< r+, of the target
  /// r_j, of N sampled items. Those that their row rules out stand so far below everything else that sigmoid
  /// and softmax see nothing of them.
  Tensor negative_PN;
  /// r_j as the model scores it, ruled out or not, for criteria that look at the size of a score; what they
  /// make of it goes through only_kept().
  Tensor plain_negative_PN;
  /// 0 where the row keeps the item, kRuledOut where it rules it out; undefined where no row rules out any.
  Tensor penalty_PN;
};

/// Scores of target and negatives. With `elu` > 0 they pass through ELU(r) = r above 0, elu (e^r - 1) below,
/// as in the official GRU4Rec.
SampledScores sampled_scores(const Context& ctx, const LossInput& in, double elu = 0);

/// x where the row keeps the item, 0 where it rules it out: also in a row that rules out all of them, whose
/// softmax cannot tell them apart.
Tensor only_kept(const Context& ctx, const SampledScores& scores, const Tensor& x_PN);

/// A constant that came as float32, in the type that is computed in.
inline Tensor constant_like(const Tensor& constant, const Tensor& like) {
  return constant.dtype() == like.dtype() ? constant : constant.to(like.dtype());
}

}  // namespace cce
