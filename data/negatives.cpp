#include "data/negatives.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "data/shared_negatives.h"
#include "engine/error.h"
#include "engine/random.h"

namespace cce {

NegativeSampler::NegativeSampler(const Dataset& dataset, Sampling sampling, double alpha)
    : shares_(sampling == Sampling::popularity ? ItemShares::popularity(dataset, alpha)
                                               : ItemShares::uniform(dataset)) {
  int64_t drawable = 0;
  for (int32_t item = 0; item < dataset.item_rows(); ++item) drawable += shares_.of(item) > 0;

  fewest_allowed_ = drawable;
  std::vector<int32_t> items;
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    items.assign(dataset.sequence(user).begin(), dataset.sequence(user).end());
    std::ranges::sort(items);
    items.erase(std::unique(items.begin(), items.end()), items.end());
    uint32_t allowed = 0;
    uint32_t end = 0;
    for (const int32_t item : items) {
      if (shares_.of(item) == 0) continue;
      allowed += shares_.first(item) - end;
      end = shares_.first(item + 1);
      excluded_.push_back({end, allowed});
    }
    const int64_t left = drawable - (std::ssize(excluded_) - excluded_offsets_.back());
    excluded_offsets_.push_back(std::ssize(excluded_));
    if (left < fewest_allowed_) fewest_allowed_ = left, fewest_allowed_user_ = dataset.users[user];
  }
}

std::span<const NegativeSampler::Excluded> NegativeSampler::excluded_of(int32_t user) const {
  return std::span(excluded_).subspan(excluded_offsets_[user],
                                      excluded_offsets_[user + 1] - excluded_offsets_[user]);
}

uint32_t NegativeSampler::allowed_shares(int32_t user) const {
  const std::span<const Excluded> excluded = excluded_of(user);
  return excluded.empty() ? shares_.total()
                          : shares_.total() - (excluded.back().end - excluded.back().allowed_before);
}

int32_t NegativeSampler::draw(int32_t user, uint32_t word) const {
  const std::span<const Excluded> excluded = excluded_of(user);
  uint32_t share = below(allowed_shares(user), word);
  const auto after = std::ranges::upper_bound(excluded, share, {}, &Excluded::allowed_before);
  if (after != excluded.begin())
    share += after[-1].end - after[-1].allowed_before;  // what is ruled out so far
  return shares_.owner(share);
}

Tensor NegativeSampler::sample(std::span<const int32_t> row_users, int64_t count, uint64_t seed,
                               uint32_t step, Parallel& parallel) const {
  require(count >= 1, "the number of negatives is {}, expected at least 1", count);
  require(fewest_allowed_ > 0,
          "no negatives can be drawn for user \"{}\", who had every item that can be drawn; choose another "
          "--sampler, or a --loss without negatives",
          fewest_allowed_user_);
  require(count <= fewest_allowed_,
          "{} negatives are too many: only {} can be drawn for user \"{}\"; lower --negatives", count,
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

Tensor NegativeSampler::log_expected(std::span<const int32_t> row_users, const Tensor& items_PN,
                                     Parallel& parallel) const {
  const int64_t count = items_PN.cols();
  const Tensor expected = Tensor::empty(items_PN.shape());
  parallel.ranges(items_PN.rows(), 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float per_share = static_cast<float>(count) / static_cast<float>(allowed_shares(row_users[row]));
      for (int64_t i = row * count; i < (row + 1) * count; ++i) {
        const auto shares = static_cast<float>(shares_.of(items_PN.data<int32_t>()[i]));
        expected.data<float>()[i] = std::log(shares * per_share);
      }
    }
  });
  return expected;
}

namespace {

class OwnNegatives : public NegativeSource {
 public:
  OwnNegatives(const Dataset& dataset, const NegativeOptions& options)
      : options_(options), sampler_(dataset, options.sampling, options.alpha) {}

  Negatives draw(std::span<const int32_t> users_P, const Tensor&, uint64_t seed, uint32_t step,
                 Parallel& parallel) const override {
    Negatives negatives;
    negatives.items = sampler_.sample(users_P, options_.count, seed, step, parallel);
    if (options_.log_expected) {
      negatives.log_expected_PN = sampler_.log_expected(users_P, negatives.items, parallel);
    }
    return negatives;
  }

 private:
  NegativeOptions options_;
  NegativeSampler sampler_;
};

}  // namespace

std::unique_ptr<NegativeSource> make_negative_source(const Dataset& dataset, const NegativeOptions& options) {
  if (options.sampling == Sampling::in_batch) return std::make_unique<SharedNegatives>(dataset, options);
  return std::make_unique<OwnNegatives>(dataset, options);
}

}  // namespace cce
