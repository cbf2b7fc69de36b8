// What a step reads: the same as by the plain way, in which the CPU packs, masks and selects; and steps that
// are filled up, in which what was there stays where it was and what is behind disturbs nobody.
#include "tools/step_batch.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/data/files.h"
#include "tests/data/plain_batches.h"
#include "tests/losses/loss_rows.h"
#include "tests/tensors.h"
#include "tests/tools/small_runs.h"

namespace cce::test {
namespace {

/// The first of the longer list.
template <class T>
std::vector<T> first_of(const std::vector<T>& longer, size_t count) {
  REQUIRE(longer.size() >= count);
  return {longer.begin(), longer.begin() + static_cast<std::ptrdiff_t>(count)};
}

constexpr int32_t kToken = 77;
constexpr uint64_t kSeed = 7;

StepBatches::Options options_of(Timestamps timestamps, Augment augment, int max_length, int batch_size) {
  StepBatches::Options options{
      .batches = {.batch_size = batch_size, .max_length = max_length, .augment = augment, .seed = kSeed},
      .timestamps = timestamps};
  if (timestamps == Timestamps::masked) options.masking = {.token = kToken, .max_length = max_length};
  return options;
}

/// Calls check(options) for all that decides which rows a step has, in batches of nine.
template <class Check>
void for_each_choice(Check check) {
  for (const Timestamps timestamps : {Timestamps::all, Timestamps::last, Timestamps::masked}) {
    for (const Augment augment : {Augment::none, Augment::prefix}) {
      for (const int max_length : {1, 3, 50}) {
        CAPTURE(name(timestamps));
        CAPTURE(static_cast<int>(augment));
        CAPTURE(max_length);
        check(options_of(timestamps, augment, max_length, 9));
      }
    }
  }
}

/// The batch of a plan, filled up or not.
StepBatch batch_of(const StepBatches& batches, const StepPlan& plan, uint32_t step = 0) {
  Parallel parallel(2);
  return batches.batch({.parallel = parallel, .seed = kSeed, .step = step}, plan);
}

/// One step of as many samples as the batch is large.
StepPlan plan_of(int64_t samples, int max_length, Timestamps timestamps) {
  return StepBatches(small_data(),
                     options_of(timestamps, Augment::none, max_length, static_cast<int>(samples)),
                     Device::cpu)
      .plan(1, 0, 0);
}

void check_filled_up(int64_t samples, int max_length) {
  StepBatches batches(small_data(),
                      options_of(Timestamps::all, Augment::none, max_length, static_cast<int>(samples)),
                      Device::cpu);
  const StepPlan plan = batches.plan(1, 0, 0), more = filled_up(plan, max_length);
  const Batch batch = batch_of(batches, plan).batch, filled = batch_of(batches, more).batch;
  const auto positions = static_cast<size_t>(batch.positions());
  CHECK(filled.positions() == more.positions);
  CHECK(filled.positions() % 128 == 0);
  CHECK(filled.positions() - batch.positions() < 128);
  CHECK(filled.sequences() - batch.sequences() == (127 + max_length) / max_length);

  CHECK(first_of(list(filled.items_T), positions) == list(batch.items_T));
  CHECK(first_of(list(filled.positions_T), positions) == list(batch.positions_T));
  const auto offsets = list(filled.offsets_B1);
  CHECK(first_of(offsets, static_cast<size_t>(batch.offsets_B1.size())) == list(batch.offsets_B1));
  CHECK(offsets.back() == filled.positions());
  for (int64_t b = batch.sequences(); b < filled.sequences(); ++b) {
    const int64_t length = filled.length(b), first = offsets[static_cast<size_t>(b)];
    CHECK(length >= 0);
    CHECK(length <= max_length);
    for (int64_t i = 0; i < length; ++i) {
      CHECK(filled.items_T.span<int32_t>()[static_cast<size_t>(first + i)] == 0);
      CHECK(filled.positions_T.span<int32_t>()[static_cast<size_t>(first + i)] == max_length - length + i);
    }
  }
}

}  // namespace

TEST_CASE("a step reads what packing, masking and selecting its samples gives") {
  for_each_choice([](const StepBatches::Options& options) {
    StepBatches batches(small_data(), options, Device::cpu);
    TrainingBatches plain(small_data(), options.batches);
    REQUIRE(batches.per_epoch() == plain.per_epoch());
    for (const int64_t index : {int64_t{0}, batches.per_epoch() - 1}) {
      const uint32_t step = 5;
      const StepPlan plan = batches.plan(2, index, step);
      const StepBatch read = batch_of(batches, plan, step);
      const Batch samples = plain.get(2, index);
      const Batch expected = options.masking ? masked(samples, *options.masking, kSeed, step) : samples;
      const Tensor rows_P = testing::loss_rows(expected.targets_T, expected.offsets_B1, options.timestamps);
      CHECK(list(read.batch.items_T) == list(expected.items_T));
      CHECK(list(read.batch.positions_T) == list(expected.positions_T));
      CHECK(list(read.batch.offsets_B1) == list(expected.offsets_B1));
      CHECK(list(read.targets_P) == list(testing::select_ids(expected.targets_T, rows_P)));
      CHECK(plan.rows == rows_P.size());
      CHECK(read.rows_P.defined() == (rows_P.size() < expected.positions()));
      if (read.rows_P.defined()) CHECK(list(read.rows_P) == list(rows_P));
      CHECK(!read.negatives.items.defined());
    }
  });
}

TEST_CASE("target counts are those of an epoch's steps") {
  for_each_choice([](const StepBatches::Options& options) {
    if (options.masking) return;  // chance decides
    StepBatches batches(small_data(), options, Device::cpu);
    std::vector<int32_t> expected(static_cast<size_t>(small_data().item_rows()));
    for (int64_t index = 0; index < batches.per_epoch(); ++index) {
      const StepBatch step = batch_of(batches, batches.plan(1, index, 0));
      for (const int32_t target : step.targets_P.span<int32_t>()) ++expected[static_cast<size_t>(target)];
    }
    CHECK(StepBatches::target_counts(small_data(), options) == expected);
  });
}

TEST_CASE("in-batch negatives are expected as often as targets of the chosen timestamps are theirs") {
  StepBatches::Options options = options_of(Timestamps::last, Augment::none, 50, 9);
  options.negatives = NegativeOptions{.sampling = Sampling::in_batch, .count = 4, .log_expected = true};
  StepBatches batches(small_data(), options, Device::cpu);
  const StepBatch step = batch_of(batches, batches.plan(1, 0, 0));
  const auto counts = StepBatches::target_counts(small_data(), options);
  const double users = std::accumulate(counts.begin(), counts.end(), 0.0);
  CHECK(users == small_data().user_count());
  for (size_t n = 0; n < 4; ++n) {
    const auto item = static_cast<size_t>(step.negatives.items.span<int32_t>()[n]);
    CHECK(step.negatives.log_expected_PN.data<float>()[n] ==
          doctest::Approx(std::log(4 * counts[item] / users)));
  }
}

TEST_CASE("a step's negatives are those of its rows' users, whichever rows its loss looks at") {
  for (const Timestamps timestamps : {Timestamps::all, Timestamps::last, Timestamps::masked}) {
    CAPTURE(name(timestamps));
    auto options = options_of(timestamps, Augment::none, 50, 20);
    options.negatives = {.count = 3, .log_expected = true};
    StepBatches batches(small_data(), options, Device::cpu);
    const StepPlan plan = batches.plan(1, 0, 4);
    const StepBatch read = batch_of(batches, plan, 4);
    std::vector<int32_t> users_P;
    const auto offsets = list(plan.batch.offsets_B1);
    for (int64_t p = 0; p < plan.rows; ++p) {
      const int32_t t =
          plan.rows_P.defined() ? list(plan.rows_P)[static_cast<size_t>(p)] : static_cast<int32_t>(p);
      const auto b = std::ranges::upper_bound(offsets, t) - offsets.begin() - 1;
      users_P.push_back(list(plan.batch.users_B)[static_cast<size_t>(b)]);
    }
    Parallel parallel(1);
    const NegativeSampler sampler(small_data(), Sampling::uniform);
    const Context ctx{.parallel = parallel, .seed = kSeed, .step = 4};
    const Tensor users = Tensor::from({plan.rows}, users_P), drawn = sampler.sample(ctx, users, 3);
    CHECK(list(read.negatives.items) == list(drawn));
    CHECK(std::ranges::equal(read.negatives.log_expected_PN.span<float>(),
                             sampler.log_expected(ctx, users, drawn).span<float>()));
  }
}

TEST_CASE(
    "negatives that all rows share are targets of the batch, or extra, and ruled out for who has them") {
  auto options = options_of(Timestamps::all, Augment::none, 50, 20);
  options.negatives = {.sampling = Sampling::in_batch, .count = 9, .extra = 4};
  StepBatches batches(small_data(), options, Device::cpu);
  const StepPlan plan = batches.plan(1, 0, 4);
  const StepBatch read = batch_of(batches, plan, 4);
  const auto targets = list(read.targets_P), items = list(read.negatives.items);
  REQUIRE(items.size() == 13);
  for (size_t n = 0; n < 9; ++n) {
    CHECK(items[n] == targets[static_cast<size_t>(list(plan.negatives.chosen_C)[n])]);
  }
  for (size_t n = 9; n < 13; ++n) CHECK(items[n] == list(plan.negatives.extra_E)[n - 9]);
  const auto offsets = list(plan.batch.offsets_B1);
  for (int64_t b = 0; b < plan.batch.sequences(); ++b) {
    const auto had = small_data().sequence(list(plan.batch.users_B)[static_cast<size_t>(b)]);
    for (int64_t p = offsets[static_cast<size_t>(b)]; p < offsets[static_cast<size_t>(b) + 1]; ++p) {
      for (size_t n = 0; n < 13; ++n) {
        const bool out = std::ranges::find(had, items[n]) != had.end();
        CHECK(read.negatives.penalty_PN.data<float>()[static_cast<size_t>(p) * 13 + n] ==
              (out ? kRuledOut : 0));
      }
    }
  }
}

TEST_CASE("a step is filled up with sequences of padding, none of them too long, to a multiple of 128") {
  for (const int max_length : {1, 3, 50, 128, 500}) {
    for (const int64_t samples : {1, 7, 64}) {
      CAPTURE(max_length);
      CAPTURE(samples);
      check_filled_up(samples, max_length);
    }
  }
  REQUIRE(plan_of(128, 1, Timestamps::all).positions == 128);
  check_filled_up(128, 1);
}

TEST_CASE("the rows of a filled-up step are what they were, again and again") {
  for (const int64_t samples : {1, 7, 130}) {
    const StepPlan plan = plan_of(samples, 50, Timestamps::last), filled = filled_up(plan, 50);
    const auto rows = list(filled.rows_P), before = list(plan.rows_P);
    CHECK(rows.size() % 128 == 0);
    CHECK(rows.size() - before.size() < 128);
    CHECK(filled.rows == std::ssize(rows));
    for (size_t p = 0; p < rows.size(); ++p) CHECK(rows[p] == before[p % before.size()]);
  }
  // All rows stay all rows.
  const StepPlan all = filled_up(plan_of(7, 50, Timestamps::all), 50);
  CHECK(!all.rows_P.defined());
  CHECK(all.rows == all.positions);
}

TEST_CASE("a plan with its tensors elsewhere is the plan, in their order") {
  StepPlan plan = plan_of(7, 50, Timestamps::last);
  plan.negatives.chosen_C = Tensor::from<int32_t>({2}, {1, 2});
  const StepPlan again = plan.with(plan.tensors());
  CHECK(again.batch.offsets_B1.is(plan.batch.offsets_B1));
  CHECK(again.batch.starts_B.is(plan.batch.starts_B));
  CHECK(again.batch.users_B.is(plan.batch.users_B));
  CHECK(again.rows_P.is(plan.rows_P));
  CHECK(again.negatives.chosen_C.is(plan.negatives.chosen_C));
  CHECK(!again.negatives.extra_E.defined());
  CHECK(again.sizes() == plan.sizes());
  CHECK_THROWS_AS(plan.with({}), Error);
}

TEST_CASE("masking goes with masked timestamps alone") {
  auto options = options_of(Timestamps::masked, Augment::none, 5, 3);
  options.masking.reset();
  CHECK(testing::message_of([&] { StepBatches(small_data(), options, Device::cpu); }) ==
        "[step batch] masking and the timestamps \"masked\" do not go together");
  options.masking = {.max_length = 4};
  CHECK(testing::message_of([&] { StepBatches(small_data(), options, Device::cpu); }) ==
        "[step batch] masked sequences are cut to another length than the others");
}

}  // namespace cce::test
