#include "data/item_shares.h"

#include <cmath>

#include "data/split.h"
#include "engine/error.h"

namespace cce {
namespace {

/// Shares in all: about as many as a 32-bit number tells apart, with room for rounding up.
constexpr double kShares = 4e9;

}  // namespace

std::vector<int64_t> training_counts(const Dataset& dataset) {
  std::vector<int64_t> counts(static_cast<size_t>(dataset.item_rows()));
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    for (const int32_t item : split_history(dataset, user, Split::valid)) ++counts[item];
  }
  return counts;
}

std::vector<uint32_t> popularity_shares(const Dataset& dataset, double alpha) {
  require(std::isfinite(alpha) && alpha >= 0, "the exponent of popularity is {}, expected 0 or more", alpha);
  const std::vector<int64_t> counts = training_counts(dataset);
  std::vector<double> weights(counts.size());
  double sum = 0;
  int64_t items = 0;
  for (size_t item = 0; item < counts.size(); ++item) {
    if (counts[item] == 0) continue;
    weights[item] = std::pow(static_cast<double>(counts[item]), alpha);
    sum += weights[item];
    ++items;
  }
  require(std::isfinite(sum), "popularity to the power of {} is too large a number", alpha);
  const double scale = (kShares - static_cast<double>(items)) / sum;
  std::vector<uint32_t> shares_before(counts.size() + 1);
  for (size_t item = 0; item < counts.size(); ++item) {
    const uint32_t shares = counts[item] == 0 ? 0 : 1 + static_cast<uint32_t>(scale * weights[item]);
    shares_before[item + 1] = shares_before[item] + shares;
  }
  return shares_before;
}

}  // namespace cce
