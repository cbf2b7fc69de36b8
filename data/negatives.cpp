#include "data/negatives.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "data/split.h"
#include "engine/error.h"
#include "engine/random.h"

namespace cce {
namespace {

/// Shares in all: about as many as a 32-bit number tells apart, with room for rounding up.
constexpr double kShares = 4e9;

/// Where each item's shares begin when they are proportional to (training interactions)^alpha; every item
/// that occurs in training has at least one.
std::vector<uint32_t> popularity_shares(const Dataset& dataset, double alpha) {
  require(std::isfinite(alpha) && alpha >= 0, "the exponent of popularity is {}, expected 0 or more", alpha);
  std::vector<double> weights(static_cast<size_t>(dataset.item_rows()));
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    for (const int32_t item : split_history(dataset, user, Split::valid)) ++weights[item];
  }
  double sum = 0;
  int64_t items = 0;
  for (double& weight : weights) {
    if (weight == 0) continue;
    weight = std::pow(weight, alpha);
    sum += weight;
    ++items;
  }
  require(std::isfinite(sum), "popularity to the power of {} is too large a number", alpha);
  const double scale = (kShares - static_cast<double>(items)) / sum;
  std::vector<uint32_t> shares_before(weights.size() + 1);
  for (size_t item = 0; item < weights.size(); ++item) {
    const uint32_t shares = weights[item] == 0 ? 0 : 1 + static_cast<uint32_t>(scale * weights[item]);
    shares_before[item + 1] = shares_before[item] + shares;
  }
  return shares_before;
}

}  // namespace

NegativeSampler::NegativeSampler(const Dataset& dataset, Sampling sampling, double alpha) {
  if (sampling == Sampling::popularity) shares_before_ = popularity_shares(dataset, alpha);
  const auto first_share = [&](int32_t item) {
    return shares_before_.empty() ? static_cast<uint32_t>(item - 1) : shares_before_[item];
  };
  const int32_t ids_end = dataset.mask_item() + 1;
  shares_ = first_share(ids_end);
  int64_t drawable = 0;
  for (int32_t item = 1; item < ids_end; ++item) drawable += first_share(item + 1) > first_share(item);

  fewest_allowed_ = drawable;
  std::vector<int32_t> items;
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    items.assign(dataset.sequence(user).begin(), dataset.sequence(user).end());
    std::ranges::sort(items);
    items.erase(std::ranges::unique(items).begin(), items.end());
    uint32_t allowed = 0;
    uint32_t end = 0;
    for (const int32_t item : items) {
      if (first_share(item + 1) == first_share(item)) continue;
      allowed += first_share(item) - end;
      end = first_share(item + 1);
      excluded_.push_back({end, allowed});
    }
    const int64_t left = drawable - (std::ssize(excluded_) - excluded_offsets_.back());
    excluded_offsets_.push_back(std::ssize(excluded_));
    if (left < fewest_allowed_) fewest_allowed_ = left, fewest_allowed_user_ = dataset.users[user];
  }
}

int32_t NegativeSampler::draw(int32_t user, uint32_t word) const {
  const std::span<const Excluded> excluded = std::span(excluded_).subspan(
      excluded_offsets_[user], excluded_offsets_[user + 1] - excluded_offsets_[user]);
  const auto skipped = [](const Excluded& gap) {
    return gap.end - gap.allowed_before;
  };  // up to the gap's end
  uint32_t share = below(shares_ - (excluded.empty() ? 0 : skipped(excluded.back())), word);
  const auto after = std::ranges::upper_bound(excluded, share, {}, &Excluded::allowed_before);
  if (after != excluded.begin()) share += skipped(after[-1]);
  if (shares_before_.empty()) return static_cast<int32_t>(share + 1);
  return static_cast<int32_t>(std::ranges::upper_bound(shares_before_, share) - shares_before_.begin() - 1);
}

Tensor NegativeSampler::sample(std::span<const int32_t> row_users, int64_t count, uint64_t seed,
                               uint32_t step, Parallel& parallel) const {
  require(count >= 1, "the number of negatives is {}, expected at least 1", count);
  require(count <= fewest_allowed_,
          "{} negatives were asked for, but only {} items can be drawn for user \"{}\"", count,
          fewest_allowed_, fewest_allowed_user_);
  const Tensor negatives = Tensor::empty({std::ssize(row_users), count}, DType::i32);
  int32_t* const drawn = negatives.data<int32_t>();
  const uint64_t stream = subsequence(Purpose::negatives, step);
  parallel.ranges(std::ssize(row_users), 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      std::array<uint32_t, 4> words{};
      for (int64_t n = 0; n < count; ++n) {
        if (n % 4 == 0)
          words = philox(seed, stream, static_cast<uint64_t>(row) << 32 | static_cast<uint64_t>(n / 4));
        drawn[row * count + n] = draw(row_users[row], words[n % 4]);
      }
    }
  });
  return negatives;
}

}  // namespace cce
