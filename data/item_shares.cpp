#include "data/item_shares.h"

#include <algorithm>
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

ItemShares::ItemShares(std::vector<uint32_t> first) : first_(std::move(first)) {
  // About as many entries as items, so that few items begin in the shares of one entry.
  while ((total() >> shift_) > first_.size()) ++shift_;
  int32_t item = 0;
  for (uint64_t share = 0; share < total(); share += uint64_t{1} << shift_) {
    while (first_[item + 1] <= share) ++item;
    guide_.push_back(item);
  }
  guide_.push_back(static_cast<int32_t>(std::ssize(first_)) - 2);
}

ItemShares ItemShares::uniform(const Dataset& dataset) {
  std::vector<uint32_t> first(static_cast<size_t>(dataset.item_rows()) + 1);
  for (size_t item = 1; item < first.size(); ++item) first[item] = static_cast<uint32_t>(item - 1);
  return ItemShares(std::move(first));
}

ItemShares ItemShares::popularity(const Dataset& dataset, double alpha) {
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
  std::vector<uint32_t> first(counts.size() + 1);
  for (size_t item = 0; item < counts.size(); ++item) {
    const uint32_t shares = counts[item] == 0 ? 0 : 1 + static_cast<uint32_t>(scale * weights[item]);
    first[item + 1] = first[item] + shares;
  }
  return ItemShares(std::move(first));
}

int32_t ItemShares::owner(uint32_t share) const {
  const size_t entry = share >> shift_;
  const auto begin = first_.begin() + guide_[entry], end = first_.begin() + guide_[entry + 1] + 1;
  return static_cast<int32_t>(std::upper_bound(begin, end, share) - first_.begin() - 1);
}

}  // namespace cce
