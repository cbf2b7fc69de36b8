// Batches that are filled up: what was there stays where it was, and what is behind disturbs nobody.
#include "tools/step_batch.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "losses/loss.h"
#include "tests/tools/small_runs.h"

namespace cce::test {
namespace {

std::vector<int32_t> list(const Tensor& tensor) {
  return {tensor.span<int32_t>().begin(), tensor.span<int32_t>().end()};
}

/// The first of the longer list.
template <class T>
std::vector<T> first_of(const std::vector<T>& longer, size_t count) {
  REQUIRE(longer.size() >= count);
  return {longer.begin(), longer.begin() + static_cast<std::ptrdiff_t>(count)};
}

StepBatch step_of(int64_t samples, int max_length, Timestamps timestamps) {
  const auto all = training_samples(small_data());
  const Batch batch =
      pack_training(small_data(), std::span(all).first(static_cast<size_t>(samples)), max_length);
  const Tensor rows_P = loss_rows(batch.targets_T, batch.offsets_B1, timestamps);
  return {.batch = batch,
          .rows_P = rows_P.size() < batch.positions() ? rows_P : Tensor(),
          .targets_P = select_ids(batch.targets_T, rows_P)};
}

void check_filled_up(const StepBatch& step, int max_length) {
  const StepBatch filled = filled_up(step, max_length);
  const auto positions = static_cast<size_t>(step.batch.positions());
  CHECK(filled.batch.positions() % 128 == 0);
  CHECK(filled.batch.positions() - step.batch.positions() < 128);
  CHECK(filled.batch.sequences() - step.batch.sequences() == (127 + max_length) / max_length);

  CHECK(first_of(list(filled.batch.items_T), positions) == list(step.batch.items_T));
  CHECK(first_of(list(filled.batch.positions_T), positions) == list(step.batch.positions_T));
  const auto offsets = list(filled.batch.offsets_B1);
  CHECK(first_of(offsets, static_cast<size_t>(step.batch.offsets_B1.size())) == list(step.batch.offsets_B1));
  CHECK(offsets.back() == filled.batch.positions());
  for (int64_t b = step.batch.sequences(); b < filled.batch.sequences(); ++b) {
    const int64_t length = filled.batch.length(b), first = offsets[static_cast<size_t>(b)];
    CHECK(length >= 0);
    CHECK(length <= max_length);
    for (int64_t i = 0; i < length; ++i) {
      CHECK(filled.batch.items_T.span<int32_t>()[static_cast<size_t>(first + i)] == 0);
      CHECK(filled.batch.positions_T.span<int32_t>()[static_cast<size_t>(first + i)] ==
            max_length - length + i);
    }
  }
}

}  // namespace

TEST_CASE("a step is filled up with sequences of padding, none of them too long, to a multiple of 128") {
  for (const int max_length : {1, 3, 50, 128, 500}) {
    for (const int64_t samples : {1, 7, 64}) {
      CAPTURE(max_length);
      CAPTURE(samples);
      check_filled_up(step_of(samples, max_length, Timestamps::all), max_length);
    }
  }
  const StepBatch exact = step_of(128, 1, Timestamps::all);
  CHECK(exact.batch.positions() == 128);
  check_filled_up(exact, 1);
}

TEST_CASE("the rows of a filled-up step are what they were, and those behind are of the padding") {
  for (const int64_t samples : {1, 7, 130}) {
    const StepBatch step = step_of(samples, 50, Timestamps::last), filled = filled_up(step, 50);
    const auto rows = list(filled.rows_P), targets = list(filled.targets_P);
    CHECK(rows.size() % 128 == 0);
    CHECK(targets.size() == rows.size());
    CHECK(first_of(rows, static_cast<size_t>(samples)) == list(step.rows_P));
    CHECK(first_of(targets, static_cast<size_t>(samples)) == list(step.targets_P));
    for (size_t p = static_cast<size_t>(samples); p < rows.size(); ++p) {
      CHECK(rows[p] >= step.batch.positions());
      CHECK(rows[p] < filled.batch.positions());
      CHECK(targets[p] == targets[p - static_cast<size_t>(samples)]);
    }
  }
  // All rows stay all rows.
  const StepBatch all = filled_up(step_of(7, 50, Timestamps::all), 50);
  CHECK(!all.rows_P.defined());
  CHECK(all.targets_P.size() == all.batch.positions());
}

TEST_CASE("where a step needs no padding, rows behind the loss's are some of its own") {
  StepBatch step = step_of(128, 1, Timestamps::all);
  step.rows_P = Tensor::from<int32_t>({2}, {3, 90});
  step.targets_P = Tensor::from<int32_t>({2}, {5, 6});
  const StepBatch filled = filled_up(step, 1);
  CHECK(filled.batch.positions() == 128);
  CHECK(first_of(list(filled.rows_P), 5) == std::vector<int32_t>{3, 90, 3, 90, 3});
  CHECK(filled.rows_P.size() == 128);
}

TEST_CASE("negatives are filled up by row, those that all rows share are not") {
  StepBatch step = step_of(2, 1, Timestamps::all);
  step.negatives.items = Tensor::from<int32_t>({2, 2}, {1, 2, 3, 4});
  step.negatives.penalty_PN = Tensor::from<float>({2, 2}, {0, -1, -2, -3});
  const Negatives own = filled_up(step, 1).negatives;
  CHECK(own.items.shape() == Shape{128, 2});
  CHECK(first_of(list(own.items), 6) == std::vector<int32_t>{1, 2, 3, 4, 1, 2});
  CHECK(own.penalty_PN.shape() == Shape{128, 2});
  CHECK(own.penalty_PN.span<float>()[7] == -3);
  CHECK(!own.log_expected_PN.defined());
  step.negatives.items = Tensor::from<int32_t>({2}, {1, 2});
  CHECK(filled_up(step, 1).negatives.items.shape() == Shape{2});
}

TEST_CASE("a step's tensors are the step, in their order") {
  StepBatch step = step_of(7, 50, Timestamps::last);
  step.negatives.items = Tensor::from<int32_t>({2}, {1, 2});
  const StepBatch again = StepBatch::of(step.tensors());
  CHECK(again.batch.items_T.is(step.batch.items_T));
  CHECK(again.batch.positions_T.is(step.batch.positions_T));
  CHECK(again.batch.offsets_B1.is(step.batch.offsets_B1));
  CHECK(again.batch.sequences() == 7);
  CHECK(again.rows_P.is(step.rows_P));
  CHECK(again.targets_P.is(step.targets_P));
  CHECK(again.negatives.items.is(step.negatives.items));
  CHECK(!again.negatives.penalty_PN.defined());
  CHECK_THROWS_AS(StepBatch::of({}), Error);
}

}  // namespace cce::test
