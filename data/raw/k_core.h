// The k-core of interactions: what is left when users and items with too few are removed until none are.
#pragma once

#include <cstdint>
#include <vector>

#include "data/raw/interaction_log.h"

namespace cce {

/// Who is left, by number.
struct KCore {
  std::vector<bool> users, items;
};

/// The largest part of the sequences in which every user has at least `user_core` interactions and every item
/// at least `item_core`, repeats counted; the order of removal does not matter. Items are 0 .. item_count
/// - 1. Takes time in proportion to the interactions.
KCore k_core(const UserSequences& sequences, int32_t item_count, int64_t user_core, int64_t item_core);

/// The sequences without what was removed; users that were have none.
UserSequences without_removed(UserSequences sequences, const KCore& core);

}  // namespace cce
