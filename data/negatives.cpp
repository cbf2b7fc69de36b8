#include "data/negatives.h"

#include <cmath>

#include "data/shared_negatives.h"
#include "data/text.h"
#include "engine/error.h"

namespace cce {
namespace {

/// Of each part of the shares the logarithm of how much of all it is.
std::vector<float> logs_of_parts(const std::vector<uint32_t>& parts, uint32_t total) {
  std::vector<float> logs;
  logs.reserve(parts.size());
  for (const uint32_t part : parts) {
    logs.push_back(static_cast<float>(std::log(static_cast<double>(part) / total)));
  }
  return logs;
}

std::vector<uint32_t> shares_of_items(const ItemShares& shares, int32_t items) {
  std::vector<uint32_t> of;
  for (int32_t item = 0; item < items; ++item) of.push_back(shares.of(item));
  return of;
}

}  // namespace

NegativeSampler::NegativeSampler(const Dataset& dataset, Sampling sampling, double alpha, Device device)
    : shares_(sampling == Sampling::popularity ? ItemShares::popularity(dataset, alpha, device)
                                               : ItemShares::uniform(dataset, device)),
      ruled_out_(dataset, shares_, device),
      log_shares_(logs_of_parts(shares_of_items(shares_, dataset.item_rows()), shares_.total()), device),
      log_left_(logs_of_parts(ruled_out_.left(), shares_.total()), device) {}

void NegativeSampler::require_enough(int64_t count) const {
  require(count >= 1, "the number of negatives is {}, expected at least 1", count);
  if (ruled_out_.fewest_items() <= 0) {
    fail(
        "no negatives can be drawn for user \"{}\", who had every item that can be drawn; choose another "
        "--sampler, or a --loss without negatives",
        printable(ruled_out_.fewest_items_user()));
  }
  if (count > ruled_out_.fewest_items()) {
    fail("{} negatives are too many: only {} can be drawn for user \"{}\"; lower --negatives", count,
         ruled_out_.fewest_items(), printable(ruled_out_.fewest_items_user()));
  }
}

Tensor NegativeSampler::sample(const Context& ctx, const Tensor& users_P, int64_t count) const {
  require_enough(count);
  const int64_t rows = users_P.size();
  const Tensor items_PN = Tensor::empty({rows, count}, DType::i32, ctx.device);
  look_up(ctx.executor(), rows * DrawNegatives::blocks(count),
          DrawNegatives{.shares = shares_.owners(),
                        .ruled_out = ruled_out_.shares(),
                        .counted = {rows, ctx.rows_on_gpu()},
                        .users_P = users_P.data<int32_t>(),
                        .count = count,
                        .stream = {ctx.seed, Purpose::negatives, ctx.step, 0, ctx.step_on_gpu()},
                        .items_PN = items_PN.data<int32_t>()});
  return items_PN;
}

Tensor NegativeSampler::log_expected(const Context& ctx, const Tensor& users_P,
                                     const Tensor& items_PN) const {
  const int64_t count = items_PN.cols();
  const Tensor expected_PN = Tensor::empty(items_PN.shape(), DType::f32, ctx.device);
  look_up(ctx.executor(), items_PN.size(),
          ExpectNegative{.log_shares = log_shares_.data(),
                         .log_left = log_left_.data(),
                         .log_count = static_cast<float>(std::log(static_cast<double>(count))),
                         .count = count,
                         .users_P = users_P.data<int32_t>(),
                         .items_PN = items_PN.data<int32_t>(),
                         .log_expected_PN = expected_PN.data<float>()});
  return expected_PN;
}

namespace {

class OwnNegatives : public NegativeSource {
 public:
  OwnNegatives(const Dataset& dataset, const NegativeOptions& options, Device device)
      : options_(options), sampler_(dataset, options.sampling, options.alpha, device) {}

  NegativePlan plan(int64_t, uint64_t, uint32_t) const override {
    sampler_.require_enough(options_.count);
    return {};
  }

  Negatives draw(const Context& ctx, const Tensor& users_P, const Tensor&,
                 const NegativePlan&) const override {
    Negatives negatives;
    negatives.items = sampler_.sample(ctx, users_P, options_.count);
    if (options_.log_expected) {
      negatives.log_expected_PN = sampler_.log_expected(ctx, users_P, negatives.items);
    }
    return negatives;
  }

 private:
  NegativeOptions options_;
  NegativeSampler sampler_;
};

}  // namespace

std::unique_ptr<NegativeSource> make_negative_source(const Dataset& dataset, const NegativeOptions& options,
                                                     Device device) {
  if (options.sampling == Sampling::in_batch) {
    return std::make_unique<SharedNegatives>(dataset, options, device);
  }
  return std::make_unique<OwnNegatives>(dataset, options, device);
}

}  // namespace cce
