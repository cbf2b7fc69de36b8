#include "data/shared_negatives.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "engine/error.h"
#include "engine/random.h"

namespace cce {
namespace {

/// Which columns hold an item that the row's user has, looked for from the user's side: a sequence is short
/// and negatives are many.
void rule_out(const Dataset& dataset, std::span<const int32_t> users_P, std::span<const int32_t> items_N,
              float* penalty_PN) {
  const int64_t count = std::ssize(items_N);
  std::vector<int32_t> columns(items_N.size());  // sorted by item
  std::iota(columns.begin(), columns.end(), 0);
  const auto item_of = [&](int32_t column) { return items_N[static_cast<size_t>(column)]; };
  std::ranges::stable_sort(columns, {}, item_of);

  float* row = penalty_PN;
  for (size_t p = 0; p < users_P.size(); ++p, row += count) {
    if (p > 0 && users_P[p] == users_P[p - 1]) {
      std::copy_n(row - count, count, row);
      continue;
    }
    std::fill_n(row, count, 0.0F);
    for (const int32_t item : dataset.sequence(users_P[p])) {
      auto column = std::ranges::lower_bound(columns, item, {}, item_of);
      for (; column != columns.end() && item_of(*column) == item; ++column) row[*column] = kRuledOut;
    }
  }
}

ItemsOfUsers items_for(Device device, const Dataset& dataset) {
  return device == Device::cpu ? ItemsOfUsers() : items_of_users(dataset);
}

}  // namespace

SharedNegatives::SharedNegatives(const Dataset& dataset, const NegativeOptions& options, Device device)
    : SharedNegatives(dataset, options, items_for(device, dataset), device) {}

SharedNegatives::SharedNegatives(const Dataset& dataset, const NegativeOptions& options, ItemsOfUsers had,
                                 Device device)
    : dataset_(dataset),
      options_(options),
      shares_(ItemShares::popularity(dataset, options.alpha, device)),
      target_counts_(options.target_counts, device),
      targets_(std::accumulate(options.target_counts.begin(), options.target_counts.end(), int64_t{0})),
      had_offsets_U1_(std::move(had.offsets_U1), device),
      had_(std::move(had.items), device) {
  require(options.count >= 1, "the number of negatives is {}, expected at least 1", options.count);
  require(options.extra >= 0, "the number of extra negatives is {}, expected 0 or more", options.extra);
  require(!options.log_expected || std::ssize(options.target_counts) == dataset.item_rows(),
          "[shared negatives] expected counts need {} target counts, got {}", dataset.item_rows(),
          options.target_counts.size());
}

NegativePlan SharedNegatives::plan(int64_t rows, uint64_t seed, uint32_t step) const {
  RandomStream random(seed, Purpose::negatives, step);
  std::vector<int32_t> chosen(static_cast<size_t>(rows));
  std::iota(chosen.begin(), chosen.end(), 0);
  const int64_t count = std::min(options_.count, rows);
  if (count < rows) {  // the first `count` of a Fisher-Yates shuffle
    for (int64_t i = 0; i < count; ++i) {
      std::swap(chosen[i], chosen[i + random.below(static_cast<uint32_t>(rows - i))]);
    }
    chosen.resize(static_cast<size_t>(count));
  }
  NegativePlan plan{.chosen_C = Tensor::from({count}, chosen)};
  if (options_.extra == 0) return plan;
  plan.extra_E = Tensor::empty({options_.extra}, DType::i32);
  for (int32_t& item : plan.extra_E.span<int32_t>()) item = shares_.owner(random.below(shares_.total()));
  return plan;
}

Negatives SharedNegatives::draw(const Context& ctx, const Tensor& users_P, const Tensor& targets_P,
                                const NegativePlan& plan) const {
  const int64_t chosen = plan.chosen_C.size(), count = chosen + options_.extra;
  Negatives negatives;
  negatives.items = Tensor::empty({count}, DType::i32, ctx.device);
  look_up(ctx.executor(), count,
          ShareTarget{.chosen = chosen,
                      .chosen_C = plan.chosen_C.data<int32_t>(),
                      .extra_E = plan.extra_E.defined() ? plan.extra_E.data<int32_t>() : nullptr,
                      .targets_P = targets_P.data<int32_t>(),
                      .items_N = negatives.items.data<int32_t>()});
  negatives.penalty_PN = penalties(ctx, users_P, negatives.items);
  if (options_.log_expected) {
    negatives.log_expected_PN = log_expected(ctx, targets_P.size(), negatives.items);
  }
  return negatives;
}

Tensor SharedNegatives::penalties(const Context& ctx, const Tensor& users_P, const Tensor& items_N) const {
  const int64_t count = items_N.size();
  const Tensor penalty_PN = Tensor::empty({users_P.size(), count}, DType::f32, ctx.device);
  if (ctx.device == Device::cpu) {
    rule_out(dataset_, users_P.span<int32_t>(), items_N.span<int32_t>(), penalty_PN.data<float>());
    return penalty_PN;
  }
  look_up(ctx.executor(), penalty_PN.size(),
          RuleOutShared{.offsets_U1 = had_offsets_U1_.data(),
                        .had = had_.data(),
                        .count = count,
                        .ruled_out = kRuledOut,
                        .users_P = users_P.data<int32_t>(),
                        .items_N = items_N.data<int32_t>(),
                        .penalty_PN = penalty_PN.data<float>()});
  return penalty_PN;
}

Tensor SharedNegatives::log_expected(const Context& ctx, int64_t rows, const Tensor& items_N) const {
  const int64_t count = items_N.size();
  const auto from_batch = static_cast<double>(count - options_.extra);
  const Tensor expected_N = Tensor::empty({count}, DType::f32, ctx.device);
  look_up(ctx.executor(), count,
          ExpectShared{.target_counts = target_counts_.data(),
                       .shares = shares_.owners(),
                       .per_target = from_batch / static_cast<double>(targets_),
                       .per_share = static_cast<double>(options_.extra) / shares_.total(),
                       .items_N = items_N.data<int32_t>(),
                       .log_expected_N = expected_N.data<float>()});
  const Tensor expected_PN = Tensor::empty({rows, count}, DType::f32, ctx.device);
  look_up(ctx.executor(), rows * count,
          RepeatRow{.cols = count, .row = expected_N.data<float>(), .y = expected_PN.data<float>()});
  return expected_PN;
}

}  // namespace cce
