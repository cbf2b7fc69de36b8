#include "data/item_shares.h"

#include <cmath>
#include <utility>

#include "data/split.h"
#include "engine/error.h"

namespace cce {
namespace {

/// Shares in all: about as many as a 32-bit number tells apart, with room for rounding up.
constexpr double kShares = 4e9;

/// About as many entries as items, so that few items begin in the shares of one entry.
int shift_for(const std::vector<uint32_t>& first) {
  int shift = 0;
  while ((first.back() >> shift) > first.size()) ++shift;
  return shift;
}

std::vector<int32_t> guide_to(const std::vector<uint32_t>& first, int shift) {
  std::vector<int32_t> guide;
  int32_t item = 0;
  for (uint64_t share = 0; share < first.back(); share += uint64_t{1} << shift) {
    while (first[item + 1] <= share) ++item;
    guide.push_back(item);
  }
  guide.push_back(static_cast<int32_t>(std::ssize(first)) - 2);
  return guide;
}

}  // namespace

std::vector<int32_t> training_counts(const Dataset& dataset) {
  std::vector<int32_t> counts(static_cast<size_t>(dataset.item_rows()));
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    for (const int32_t item : split_history(dataset, user, Split::valid)) ++counts[item];
  }
  return counts;
}

ItemShares::ItemShares(std::vector<uint32_t> first, Device device)
    : first_(std::move(first), device),
      shift_(shift_for(first_.values())),
      guide_(guide_to(first_.values(), shift_), device) {}

ItemShares ItemShares::uniform(const Dataset& dataset, Device device) {
  std::vector<uint32_t> first(static_cast<size_t>(dataset.item_rows()) + 1);
  for (size_t item = 1; item < first.size(); ++item) first[item] = static_cast<uint32_t>(item - 1);
  return ItemShares(std::move(first), device);
}

ItemShares ItemShares::popularity(const Dataset& dataset, double alpha, Device device) {
  require(std::isfinite(alpha) && alpha >= 0, "the exponent of popularity is {}, expected 0 or more", alpha);
  const std::vector<int32_t> counts = training_counts(dataset);
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
  return ItemShares(std::move(first), device);
}

}  // namespace cce
