#include "data/batch.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/random.h"
#include "tests/data/files.h"
#include "tests/data/plain_batches.h"
#include "tests/tensors.h"

namespace cce {
namespace {

using test::list;
using test::users_of_positions;
using testing::message_of;

Dataset hand_made() {
  return dataset_from("hand", {{1, 2, 3, 4}, {5, 6, 7, 8, 9, 10}, {11, 12, 13, 14}, {15, 16, 17, 18, 19}});
}

/// Users with random sequences of 4 to `longest` items out of 1 .. 30.
Dataset random_dataset(uint64_t seed, uint32_t longest) {
  RandomStream random(seed, Purpose::test);
  std::vector<std::vector<int32_t>> sequences(40);
  for (std::vector<int32_t>& sequence : sequences) {
    sequence.resize(4 + random.below(longest - 3));
    for (int32_t& item : sequence) item = 1 + static_cast<int32_t>(random.below(30));
  }
  return dataset_from("random", sequences);
}

TEST_CASE("A training batch holds inputs, targets and positions, longest sequence first") {
  const Dataset dataset = hand_made();
  const Batch batch = pack_training(dataset, training_samples(dataset), 5);
  CHECK(batch.users == std::vector<int32_t>{1, 3, 0, 2});
  CHECK(list(batch.offsets_B1) == std::vector<int32_t>{0, 3, 5, 6, 7});
  CHECK(list(batch.items_T) == std::vector<int32_t>{5, 6, 7, 15, 16, 1, 11});
  CHECK(list(batch.targets_T) == std::vector<int32_t>{6, 7, 8, 16, 17, 2, 12});
  CHECK(list(batch.positions_T) == std::vector<int32_t>{2, 3, 4, 3, 4, 4, 4});
  CHECK(batch.sequences() == 4);
  CHECK(batch.positions() == 7);
  CHECK(batch.length(0) == 3);
  CHECK(batch.length(3) == 1);
  CHECK(users_of_positions(batch) == std::vector<int32_t>{1, 1, 1, 3, 3, 0, 2});
}

TEST_CASE("A training sequence longer than the window keeps its newest positions") {
  const Dataset dataset = hand_made();
  const Batch batch = pack_training(dataset, training_samples(dataset), 2);
  CHECK(list(batch.items_T) == std::vector<int32_t>{6, 7, 15, 16, 1, 11});
  CHECK(list(batch.targets_T) == std::vector<int32_t>{7, 8, 16, 17, 2, 12});
  CHECK(list(batch.positions_T) == std::vector<int32_t>{0, 1, 0, 1, 1, 1});
}

TEST_CASE("Every prefix is a sample with one target") {
  const Dataset dataset = dataset_from("hand", {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10}});
  const std::vector<Sample> samples = training_samples(dataset, Augment::prefix);
  CHECK(samples == std::vector<Sample>{{0, 1}, {0, 2}, {0, 3}, {1, 1}});
  const Batch batch = pack_training(dataset, samples, 2, Augment::prefix);
  CHECK(batch.users == std::vector<int32_t>{0, 0, 0, 1});
  CHECK(list(batch.items_T) == std::vector<int32_t>{1, 2, 2, 3, 1, 7});
  CHECK(list(batch.targets_T) == std::vector<int32_t>{0, 3, 0, 4, 2, 8});
}

TEST_CASE("Prefixes have the targets of whole sequences that fit the window") {
  const Dataset dataset = random_dataset(3, 20);
  const std::vector<Sample> samples = training_samples(dataset, Augment::prefix);
  std::vector<int32_t> whole = list(pack_training(dataset, training_samples(dataset), 50).targets_T);
  std::vector<int32_t> prefixes = list(pack_training(dataset, samples, 50, Augment::prefix).targets_T);
  std::erase(prefixes, 0);
  std::ranges::sort(whole);
  std::ranges::sort(prefixes);
  CHECK(prefixes == whole);
}

TEST_CASE("Inputs for evaluation carry no targets") {
  const Dataset dataset = hand_made();
  const std::vector<int32_t> users{0, 1, 3};
  const Batch valid = pack_inputs(dataset, users, Split::valid, 50);
  CHECK(valid.users == std::vector<int32_t>{1, 3, 0});
  CHECK(list(valid.items_T) == std::vector<int32_t>{5, 6, 7, 8, 15, 16, 17, 1, 2});
  CHECK_FALSE(valid.targets_T.defined());
  const Batch test = pack_inputs(dataset, users, Split::test, 3);
  CHECK(list(test.items_T) == std::vector<int32_t>{1, 2, 3, 7, 8, 9, 16, 17, 18});
  CHECK(test.users == std::vector<int32_t>{0, 1, 3});
}

TEST_CASE("A history of its own is packed as one sequence") {
  const std::vector<std::vector<int32_t>> histories = {{4, 5, 6}};
  const Batch batch = pack_histories(histories, 2);
  CHECK(list(batch.items_T) == std::vector<int32_t>{5, 6});
  CHECK(list(batch.positions_T) == std::vector<int32_t>{0, 1});
  CHECK(list(batch.offsets_B1) == std::vector<int32_t>{0, 2});
}

/// What a left-padded implementation would hold for the training sample of `user`: rows of `window` numbers.
struct Padded {
  std::vector<int32_t> input, target;
};
Padded left_padded(std::span<const int32_t> s, int window) {
  Padded row{std::vector<int32_t>(window, 0), std::vector<int32_t>(window, 0)};
  // From the right edge leftwards, as long as there are items: s[:-3] and s[1:-2].
  for (int64_t column = window - 1, i = std::ssize(s) - 4; column >= 0 && i >= 0; --column, --i) {
    row.input[column] = s[i];
    row.target[column] = s[i + 1];
  }
  return row;
}

TEST_CASE("pack_histories packs longest first, and refuses an empty one") {
  const std::vector<std::vector<int32_t>> histories{{7}, {4, 5, 6}, {8, 9}};
  const Batch batch = pack_histories(histories, 2);
  CHECK(batch.users == std::vector<int32_t>{1, 2, 0});
  CHECK(std::ranges::equal(batch.items_T.span<int32_t>(), std::vector<int32_t>{5, 6, 8, 9, 7}));
  CHECK(std::ranges::equal(batch.positions_T.span<int32_t>(), std::vector<int32_t>{0, 1, 0, 1, 1}));
  const std::vector<std::vector<int32_t>> with_empty{{7}, {}};
  CHECK_THROWS_WITH_AS(pack_histories(with_empty, 2), "[batch] history 1 is empty", Error);
}

TEST_CASE("Packed batches hold exactly what a left-padded window holds") {
  for (const int window : {1, 3, 7, 50}) {
    const Dataset dataset = random_dataset(static_cast<uint64_t>(window), 25);
    const Batch batch = pack_training(dataset, training_samples(dataset), window);
    REQUIRE(batch.sequences() == dataset.user_count());
    std::set<int32_t> users;
    for (int64_t b = 0; b < batch.sequences(); ++b) {
      Padded rebuilt{std::vector<int32_t>(window, 0), std::vector<int32_t>(window, 0)};
      for (int32_t t = list(batch.offsets_B1)[b]; t < list(batch.offsets_B1)[b + 1]; ++t) {
        const int32_t column = batch.positions_T.data<int32_t>()[t];
        rebuilt.input.at(column) = batch.items_T.data<int32_t>()[t];
        rebuilt.target.at(column) = batch.targets_T.data<int32_t>()[t];
      }
      const Padded expected = left_padded(dataset.sequence(batch.users[b]), window);
      CHECK(rebuilt.input == expected.input);
      CHECK(rebuilt.target == expected.target);
      if (b > 0) CHECK(batch.length(b) <= batch.length(b - 1));
      if (b > 0 && batch.length(b) == batch.length(b - 1)) CHECK(batch.users[b] > batch.users[b - 1]);
      users.insert(batch.users[b]);
    }
    CHECK(std::ssize(users) == dataset.user_count());
  }
}

TEST_CASE("An epoch's batches hold every sample once, whatever the order they are asked for in") {
  const Dataset dataset = random_dataset(5, 12);
  for (const Augment augment : {Augment::none, Augment::prefix}) {
    TrainingBatches batches(dataset, {.batch_size = 9, .max_length = 5, .augment = augment, .seed = 1});
    const auto expected = std::ssize(training_samples(dataset, augment));
    CHECK(batches.samples() == expected);
    REQUIRE(batches.per_epoch() == (expected + 8) / 9);
    int64_t sequences = 0;
    std::map<int32_t, int> times;
    for (int64_t index = 0; index < batches.per_epoch(); ++index) {
      const Batch batch = batches.get(2, index);
      CHECK(batch.sequences() == (index + 1 < batches.per_epoch() ? 9 : expected - 9 * index));
      sequences += batch.sequences();
      for (const int32_t user : batch.users) ++times[user];
    }
    CHECK(sequences == expected);
    CHECK(std::ssize(times) == dataset.user_count());
    if (augment == Augment::none) CHECK(std::ranges::all_of(times, [](auto& t) { return t.second == 1; }));

    TrainingBatches resumed(dataset, {.batch_size = 9, .max_length = 5, .augment = augment, .seed = 1});
    resumed.get(1, 0);
    const Batch again = resumed.get(2, 3), first = batches.get(2, 3);
    CHECK(list(again.items_T) == list(first.items_T));
    CHECK(list(again.targets_T) == list(first.targets_T));
    CHECK(again.users == first.users);
    CHECK(again.users != batches.get(3, 3).users);
  }
}

TEST_CASE("Impossible batch sizes, lengths and batch numbers are refused") {
  const Dataset dataset = hand_made();
  CHECK(message_of([&] { TrainingBatches(dataset, {.batch_size = 0}); }) ==
        "the batch size is 0, expected at least 1");
  CHECK(message_of([&] { TrainingBatches(dataset, {.max_length = 0}); }) ==
        "the maximal length is 0, expected at least 1");
  TrainingBatches batches(dataset, {.batch_size = 3});
  CHECK(message_of([&] { batches.get(0, 2); }) == "[batches] batch 2 of an epoch of 2");
}

}  // namespace
}  // namespace cce
