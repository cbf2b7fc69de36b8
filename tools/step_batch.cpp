#include "tools/step_batch.h"

#include <algorithm>
#include <array>

#include "data/filled_up.h"

namespace cce {
namespace {

/// Pointers to all tensors of a plan, in the order in which they are copied.
template <class Plan>
auto members(Plan& plan) {
  return std::array{&plan.batch.offsets_B1, &plan.batch.starts_B,     &plan.batch.users_B,
                    &plan.rows_P,           &plan.negatives.chosen_C, &plan.negatives.extra_E};
}

const int32_t* ids_or_null(const Tensor& ids) {
  return ids.defined() ? ids.data<int32_t>() : nullptr;
}

}  // namespace

StepGraph::Inputs StepPlan::tensors() const {
  return StepGraph::inputs_at(members(*this));
}

StepPlan StepPlan::with(const StepGraph::Inputs& there) const {
  StepPlan plan = *this;
  StepGraph::put(there, members(plan));
  return plan;
}

StepPlan filled_up(const StepPlan& plan, int64_t max_length) {
  StepPlan filled = plan;
  filled.positions = filled_up(plan.positions), filled.rows = filled_up(plan.rows);
  const Tensor offsets_B1 = with_padding(plan.batch.offsets_B1, filled.positions, kFillMultiple, max_length);
  const int64_t sequences = offsets_B1.size() - plan.batch.offsets_B1.size();
  filled.batch = {.offsets_B1 = offsets_B1,
                  .starts_B = with_more(plan.batch.starts_B, sequences, -1),
                  .users_B = with_more(plan.batch.users_B, sequences, 0)};
  if (plan.rows_P.defined()) {
    filled.rows_P = repeated_rows(plan.rows_P, filled.rows);
  }
  return filled;
}

std::vector<int32_t> StepBatches::target_counts(const Dataset& dataset, const Options& options) {
  if (options.masking) return training_counts(dataset);
  std::vector<int32_t> counts(static_cast<size_t>(dataset.item_rows()));
  for (int32_t user = 0; user < dataset.user_count(); ++user) {
    // All that comes after an item; the last of it; or, of prefixes, each once, in whichever window.
    std::span<const int32_t> targets = dataset.sequence(user);
    targets = targets.subspan(1, split_history(dataset, user, Split::train).size());
    if (options.batches.augment == Augment::none) {
      const size_t most =
          options.timestamps == Timestamps::last ? 1 : static_cast<size_t>(options.batches.max_length);
      targets = targets.last(std::min(targets.size(), most));
    }
    for (const int32_t target : targets) ++counts[static_cast<size_t>(target)];
  }
  return counts;
}

StepBatches::StepBatches(const Dataset& dataset, const Options& options, Device device)
    : options_(options), batches_(dataset, options.batches), items_(dataset.items, device) {
  require(options.masking.has_value() == (options.timestamps == Timestamps::masked),
          "[step batch] masking and the timestamps \"{}\" do not go together", name(options.timestamps));
  require(!options.masking || options.masking->max_length == options.batches.max_length,
          "[step batch] masked sequences are cut to another length than the others");
  if (NegativeOptions* const negatives = options_.negatives ? &*options_.negatives : nullptr) {
    if (negatives->sampling == Sampling::in_batch && negatives->log_expected)
      negatives->target_counts = target_counts(dataset, options);
    negatives_ = make_negative_source(dataset, *negatives, device);
  }
}

StepPlan StepBatches::plan(uint32_t epoch, int64_t index, uint32_t step) {
  StepPlan plan{.batch = batches_.plan(epoch, index)};
  const uint64_t seed = options_.batches.seed;
  Tensor rows_P;
  if (options_.masking) {
    plan.batch = with_last_target(plan.batch, options_.masking->max_length);
    rows_P = hidden_rows(plan.batch.offsets_B1, options_.masking->probability, seed, step);
  } else if (options_.timestamps == Timestamps::last || options_.batches.augment == Augment::prefix) {
    rows_P = last_rows(plan.batch);
  }
  plan.positions = plan.batch.positions();
  plan.rows = rows_P.defined() ? rows_P.size() : plan.positions;
  if (plan.rows < plan.positions) plan.rows_P = rows_P;
  if (negatives_ != nullptr) plan.negatives = negatives_->plan(plan.rows, seed, step);
  return plan;
}

StepBatch StepBatches::batch(const Context& ctx, const StepPlan& there) const {
  require(ctx.seed == options_.batches.seed, "[step batch] planned with another seed");
  const auto ids = [&](int64_t count) { return Tensor::empty({count}, DType::i32, ctx.device); };
  const SequencePlaces places{.items = items_.data(),
                              .offsets_B1 = there.batch.offsets_B1.data<int32_t>(),
                              .starts_B = there.batch.starts_B.data<int32_t>(),
                              .sequences = there.batch.sequences()};
  const CountedRows counted{there.rows, ctx.rows_on_gpu()};
  const int32_t* const rows_P = ids_or_null(there.rows_P);

  StepBatch step{.batch = {.items_T = ids(there.positions),
                           .positions_T = ids(there.positions),
                           .offsets_B1 = there.batch.offsets_B1},
                 .rows_P = there.rows_P,
                 .targets_P = ids(there.rows)};
  look_up(ctx.executor(), there.positions,
          LookUpPosition{.places = places,
                         .max_length = options_.batches.max_length,
                         .items_T = step.batch.items_T.data<int32_t>(),
                         .positions_T = step.batch.positions_T.data<int32_t>()});
  const Tensor users_P = ids(there.rows);
  look_up(ctx.executor(), there.rows,
          LookUpRow{.places = places,
                    .counted = counted,
                    .rows_P = rows_P,
                    .users_B = there.batch.users_B.data<int32_t>(),
                    .ahead = options_.masking ? 0 : 1,
                    .targets_P = step.targets_P.data<int32_t>(),
                    .users_P = users_P.data<int32_t>()});
  if (options_.masking) {
    look_up(ctx.executor(), there.rows,
            HideRow{.counted = counted,
                    .rows_P = rows_P,
                    .token = options_.masking->token,
                    .items_T = step.batch.items_T.data<int32_t>()});
  }
  if (negatives_ != nullptr) {
    step.negatives = negatives_->draw(ctx, users_P, step.targets_P, there.negatives);
  }
  return step;
}

}  // namespace cce
