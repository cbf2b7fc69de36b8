#include "data/shared_negatives.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/error.h"
#include "engine/random.h"

namespace cce {

SharedNegatives::SharedNegatives(const Dataset& dataset, const NegativeOptions& options)
    : dataset_(dataset),
      options_(options),
      shares_(ItemShares::popularity(dataset, options.alpha)),
      counts_(training_counts(dataset)),
      interactions_(std::accumulate(counts_.begin(), counts_.end(), int64_t{0})) {
  require(options.count >= 1, "the number of negatives is {}, expected at least 1", options.count);
  require(options.extra >= 0, "the number of extra negatives is {}, expected 0 or more", options.extra);
}

Negatives SharedNegatives::draw(std::span<const int32_t> users_P, const Tensor& targets_P, uint64_t seed,
                                uint32_t step, Parallel&) const {
  const std::vector<int32_t> items_N = draw_items(targets_P.span<int32_t>(), seed, step);
  Negatives negatives;
  negatives.items = Tensor::from({std::ssize(items_N)}, items_N);
  negatives.penalty_PN = penalties(users_P, items_N);
  if (options_.log_expected) negatives.log_expected_PN = log_expected(targets_P.size(), items_N);
  return negatives;
}

std::vector<int32_t> SharedNegatives::draw_items(std::span<const int32_t> targets, uint64_t seed,
                                                 uint32_t step) const {
  RandomStream random(seed, Purpose::negatives, step);
  std::vector<int32_t> items(targets.begin(), targets.end());
  const int64_t count = std::min(options_.count, std::ssize(items));
  if (count < std::ssize(items)) {  // the first `count` of a Fisher-Yates shuffle
    for (int64_t i = 0; i < count; ++i) {
      std::swap(items[i], items[i + random.below(static_cast<uint32_t>(std::ssize(items) - i))]);
    }
    items.resize(static_cast<size_t>(count));
  }
  for (int64_t i = 0; i < options_.extra; ++i) {
    items.push_back(shares_.owner(random.below(shares_.total())));
  }
  return items;
}

Tensor SharedNegatives::penalties(std::span<const int32_t> users_P, std::span<const int32_t> items_N) const {
  const int64_t count = std::ssize(items_N);
  std::vector<int32_t> columns(items_N.size());  // sorted by item
  std::iota(columns.begin(), columns.end(), 0);
  const auto item_of = [&](int32_t column) { return items_N[column]; };
  std::ranges::stable_sort(columns, {}, item_of);

  const Tensor penalties_PN = Tensor::zeros({std::ssize(users_P), count});
  float* row = penalties_PN.data<float>();
  for (size_t p = 0; p < users_P.size(); ++p, row += count) {
    if (p > 0 && users_P[p] == users_P[p - 1]) {
      std::copy_n(row - count, count, row);
      continue;
    }
    for (const int32_t item : dataset_.sequence(users_P[p])) {
      auto column = std::ranges::lower_bound(columns, item, {}, item_of);
      for (; column != columns.end() && item_of(*column) == item; ++column) row[*column] = kRuledOut;
    }
  }
  return penalties_PN;
}

Tensor SharedNegatives::log_expected(int64_t rows, std::span<const int32_t> items_N) const {
  const int64_t count = std::ssize(items_N);
  const double per_interaction =
      static_cast<double>(count - options_.extra) / static_cast<double>(interactions_);
  const double per_share = static_cast<double>(options_.extra) / shares_.total();
  std::vector<float> one_row;
  for (const int32_t item : items_N) {
    const double from_batch = static_cast<double>(counts_[item]) * per_interaction;
    const double from_extra = shares_.of(item) * per_share;
    one_row.push_back(static_cast<float>(std::log(from_batch + from_extra)));
  }
  const Tensor expected_PN = Tensor::empty({rows, count});
  for (int64_t p = 0; p < rows; ++p) std::ranges::copy(one_row, expected_PN.data<float>() + p * count);
  return expected_PN;
}

}  // namespace cce
