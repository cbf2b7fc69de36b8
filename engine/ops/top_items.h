// The items that score highest. Not differentiable.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/ops/target_ranks.h"

namespace cce {

struct ScoredItem {
  int32_t item;
  double score;
  bool operator==(const ScoredItem&) const = default;
};

/// For each row the `count` candidates that score highest, best first; of equal scores the lower id comes
/// first. Fewer where there are not so many candidates. Scores are those of target_ranks(), bit by bit, and
/// candidates, too: the table's rows but the first (padding) and the last (mask token), with the items of
/// `seen` treated likewise. On the CPU all scores are never stored or sorted: in the epilogue of the product
/// they are compared with the worst of those kept. x [B, D], table [I, D], count >= 1. Throws if a score that
/// matters is not finite.
std::vector<std::vector<ScoredItem>> top_items(const Context& ctx, const Tensor& x_BD, const Tensor& table_ID,
                                               int64_t count, const SeenItems& seen, Seen treatment);

}  // namespace cce
