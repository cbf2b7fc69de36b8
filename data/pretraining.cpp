#include "data/pretraining.h"

#include <algorithm>
#include <array>
#include <limits>

#include "data/filled_up.h"
#include "data/pretraining_lookups.h"
#include "engine/error.h"
#include "engine/random.h"

namespace cce {
namespace {

/// Where a sample's prefix begins in the user's sequence.
int64_t first_of_prefixes(int64_t sequence_length, int max_length) {
  return std::max<int64_t>(0, sequence_length - 2 - max_length);
}

Tensor ids(const std::vector<int32_t>& values) {
  return Tensor::from({std::ssize(values)}, values);
}

LabelSets label_sets(const Attributes& attributes, Device device) {
  require(std::ssize(attributes.ids) <= std::numeric_limits<int32_t>::max(),
          "[pretraining] {} attributes of items are too many", attributes.ids.size());
  return {ids({attributes.offsets.begin(), attributes.offsets.end()}).to(device),
          ids(attributes.ids).to(device)};
}

Segment draw_segment(int32_t prefix_length, int64_t interactions, RandomStream& random) {
  if (prefix_length == 1) return {0, 0, 0};  // too short to be cut
  const auto below = [&](int64_t bound) {
    return static_cast<int32_t>(random.below(static_cast<uint32_t>(bound)));
  };
  const int32_t length = 1 + below(prefix_length / 2);
  return {below(prefix_length - length + 1), length, below(interactions - length + 1)};
}

/// Goes through the samples of a batch in their order.
class Planner {
 public:
  Planner(const PretrainingOptions& options, int64_t interactions, uint32_t step)
      : options_(options), interactions_(interactions), step_(step) {}

  void add(int32_t start, int32_t length) {
    const auto place = static_cast<uint32_t>(starts_.size());
    mask_items(length, RandomStream(options_.seed, Purpose::masking, step_, place));
    RandomStream random(options_.seed, Purpose::segments, step_, place);
    const Segment cut = draw_segment(length, interactions_, random);
    segments_.insert(segments_.end(), {cut.start, cut.length, cut.negative_start});
    starts_.push_back(start), lengths_.push_back(length);
    positions_ += length;
  }

  PretrainingPlan plan() const {
    require(positions_ <= std::numeric_limits<int32_t>::max() / kPasses,
            "[pretraining] {} positions are too many", positions_);
    const auto samples = std::ssize(starts_);
    std::vector<int32_t> offsets{0};
    for (int pass = 0; pass < kPasses; ++pass) {
      for (const int32_t length : lengths_) offsets.push_back(offsets.back() + length);
    }
    return {.offsets_B1 = ids(offsets),
            .starts_B = ids(starts_),
            .segments_B3 = Tensor::from({samples, 3}, segments_),
            .masked_M = ids(masked_),
            .unmasked_U = ids(unmasked_),
            .counts_2 = ids({static_cast<int32_t>(masked_.size()), static_cast<int32_t>(unmasked_.size())}),
            .positions = kPasses * positions_,
            .rows = positions_ + (kPasses - 1) * samples};
  }

 private:
  void mask_items(int32_t length, RandomStream random) {
    for (int32_t i = 0; i < length; ++i) {
      const bool hide = i + 1 == length || random.uniform() < options_.mask_probability;
      (hide ? masked_ : unmasked_).push_back(static_cast<int32_t>(positions_ + i));
    }
  }

  const PretrainingOptions& options_;
  int64_t interactions_;
  uint32_t step_;
  int64_t positions_ = 0;  // of a pass
  std::vector<int32_t> starts_, lengths_, segments_, masked_, unmasked_;
};

/// Pointers to all tensors of a plan, in the order in which they are copied.
template <class Plan>
auto members(Plan& plan) {
  return std::array{&plan.offsets_B1, &plan.starts_B,   &plan.segments_B3,
                    &plan.masked_M,   &plan.unmasked_U, &plan.counts_2};
}

}  // namespace

StepGraph::Inputs PretrainingPlan::tensors() const {
  return StepGraph::inputs_at(members(*this));
}

PretrainingPlan PretrainingPlan::with(const StepGraph::Inputs& there) const {
  PretrainingPlan plan = *this;
  StepGraph::put(there, members(plan));
  return plan;
}

PretrainingPlan filled_up(const PretrainingPlan& plan, int64_t max_length) {
  // Each pass alike, so that its rows are filled up with it. What is not masked follows from what is, but for
  // the rounding: so there is one size less in which steps differ.
  const int64_t pass_positions = filled_up(plan.positions / kPasses);
  const int64_t masked = filled_up(plan.masked_M.size());
  const int64_t unmasked = plan.unmasked_U.size() == 0 ? 0 : pass_positions - masked + kFillMultiple;
  PretrainingPlan filled = plan;
  filled.positions = kPasses * pass_positions;
  filled.rows = pass_positions + (kPasses - 1) * plan.samples();
  filled.offsets_B1 = with_padding(plan.offsets_B1, filled.positions, kPasses * kFillMultiple, max_length);
  filled.masked_M = repeated_rows(plan.masked_M, masked);
  filled.unmasked_U = repeated_rows(plan.unmasked_U, unmasked);
  return filled;
}

std::vector<Sample> pretraining_samples(const Dataset& dataset, int max_length) {
  require(max_length >= 1, "the maximal length is {}, expected at least 1", max_length);
  std::vector<Sample> samples;
  for (int32_t user = 0; user < dataset.user_count(); ++user) {
    const auto length = std::ssize(dataset.sequence(user));
    for (int64_t end = first_of_prefixes(length, max_length) + 1; end <= length - 2; ++end) {
      samples.push_back({user, static_cast<int32_t>(end)});
    }
  }
  return samples;
}

PretrainingBatches::PretrainingBatches(const Dataset& dataset, const Attributes& attributes,
                                       const PretrainingOptions& options, Device device)
    : dataset_(dataset),
      options_(options),
      attributes_(label_sets(attributes, device)),
      items_(dataset.items, device),
      order_(pretraining_samples(dataset, options.max_length), options.batch_size, options.seed) {
  require(options.mask_probability >= 0 && options.mask_probability <= 1,
          "the mask probability is {}, expected 0 to 1", options.mask_probability);
  require(attributes.item_rows() >= dataset.mask_item(), "[pretraining] attributes of {} rows for {} items",
          attributes.item_rows(), dataset.max_item);
  require(dataset.interactions() <= std::numeric_limits<int32_t>::max(),
          "[pretraining] {} interactions are too many", dataset.interactions());
}

PretrainingPlan PretrainingBatches::plan(uint32_t epoch, int64_t index, uint32_t step) {
  Planner planner(options_, dataset_.interactions(), step);
  for (const Sample& sample : order_.batch(epoch, index)) {
    const auto sequence = dataset_.sequence(sample.user);
    const int64_t first = first_of_prefixes(std::ssize(sequence), options_.max_length);
    planner.add(static_cast<int32_t>(sequence.data() - dataset_.items.data() + first),
                static_cast<int32_t>(sample.end - first));
  }
  return planner.plan();
}

PretrainingBatch PretrainingBatches::batch(const Context& ctx, const PretrainingPlan& there) const {
  require(ctx.seed == options_.seed, "[pretraining] planned with another seed");
  const auto made = [&](const Shape& shape) { return Tensor::empty(shape, DType::i32, ctx.device); };
  const int64_t samples = there.samples(), masked = there.masked_M.size(), unmasked = there.unmasked_U.size();
  PretrainingBatch batch{.items_T = made({there.positions}),
                         .positions_T = made({there.positions}),
                         .offsets_B1 = there.offsets_B1,
                         .rows_P = made({there.rows}),
                         .masked_M = there.masked_M,
                         .unmasked_U = there.unmasked_U,
                         .targets_M1 = made({masked, 1}),
                         .negatives_M1 = made({masked, 1}),
                         .items_U = made({unmasked}),
                         .attributes = attributes_,
                         .context_B = made({samples}),
                         .true_segment_B = made({samples}),
                         .negative_segment_B = made({samples})};
  if (ctx.numbers != nullptr) batch.counts_2 = there.counts_2;  // a step that was filled up

  const SamplePlaces places{.items = items_.data(),
                            .offsets = there.offsets_B1.data<int32_t>(),
                            .starts_B = there.starts_B.data<int32_t>(),
                            .sequences = there.offsets_B1.size() - 1,
                            .samples = samples};
  show_positions(ctx, there, places, batch);
  look_up_rows(ctx.executor(), there, places, batch);
  look_up_items(ctx, there, places, batch);
  return batch;
}

/// What the four passes show at each position.
void PretrainingBatches::show_positions(const Context& ctx, const PretrainingPlan& there,
                                        const SamplePlaces& places, PretrainingBatch& batch) const {
  const int64_t masked = there.masked_M.size();
  look_up(ctx.executor(), there.positions,
          ShowPosition{.places = places,
                       .segments_B3 = there.segments_B3.data<int32_t>(),
                       .mask_item = dataset_.mask_item(),
                       .max_length = options_.max_length,
                       .items_T = batch.items_T.data<int32_t>(),
                       .positions_T = batch.positions_T.data<int32_t>()});
  look_up(ctx.executor(), masked,
          HideRow{.counted = {masked, batch.masked_in_use()},
                  .rows_P = there.masked_M.data<int32_t>(),
                  .token = dataset_.mask_item(),
                  .items_T = batch.items_T.data<int32_t>()});
}

/// Which rows the objectives look at.
void PretrainingBatches::look_up_rows(const Executor& on, const PretrainingPlan& there,
                                      const SamplePlaces& places, PretrainingBatch& batch) const {
  look_up(on, there.rows, LookUpEncodedRow{.places = places, .rows_P = batch.rows_P.data<int32_t>()});
  look_up(on, places.samples,
          LookUpLastRows{.places = places,
                         .context_B = batch.context_B.data<int32_t>(),
                         .true_segment_B = batch.true_segment_B.data<int32_t>(),
                         .negative_segment_B = batch.negative_segment_B.data<int32_t>()});
}

/// Which items are to be found there, and which are not.
void PretrainingBatches::look_up_items(const Context& ctx, const PretrainingPlan& there,
                                       const SamplePlaces& places, PretrainingBatch& batch) const {
  const Executor on = ctx.executor();
  const int64_t masked = there.masked_M.size(), unmasked = there.unmasked_U.size();
  const int32_t* const masked_M = there.masked_M.data<int32_t>();
  const CountedRows masked_counted{masked, batch.masked_in_use()},
      unmasked_counted{unmasked, batch.unmasked_in_use()};
  look_up(on, masked,
          LookUpItem{.places = places,
                     .counted = masked_counted,
                     .rows_N = masked_M,
                     .items_N = batch.targets_M1.data<int32_t>()});
  look_up(on, unmasked,
          LookUpItem{.places = places,
                     .counted = unmasked_counted,
                     .rows_N = there.unmasked_U.data<int32_t>(),
                     .items_N = batch.items_U.data<int32_t>()});
  look_up(on, masked,
          DrawAbsent{.places = places,
                     .counted = masked_counted,
                     .masked_M = masked_M,
                     .mask_item = dataset_.mask_item(),
                     .stream = {ctx.seed, Purpose::absent_items, ctx.step, 0, ctx.step_on_gpu()},
                     .negatives_M = batch.negatives_M1.data<int32_t>()});
}

}  // namespace cce
