// Popularity as shares of a 32-bit number, so that one random word picks an item.
#pragma once

#include <cstdint>
#include <vector>

#include "data/dataset.h"

namespace cce {

/// How often each item occurs in the part of the data that is trained on (the answers of validation and test
/// left out): item_rows() counts.
std::vector<int64_t> training_counts(const Dataset& dataset);

/// Where each item's shares begin, when they are proportional to its training count to the power of alpha;
/// every item that occurs has at least one share, the others none. item_rows() + 1 numbers, the last being
/// the sum. Throws where alpha is negative or no number.
std::vector<uint32_t> popularity_shares(const Dataset& dataset, double alpha);

}  // namespace cce
