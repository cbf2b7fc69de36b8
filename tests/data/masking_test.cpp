#include "data/masking.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/data/files.h"
#include "tests/data/plain_batches.h"
#include "tests/tensors.h"

namespace cce {
namespace {

using test::list;
using test::masked;
using testing::message_of;

Batch hand_made(int max_length) {
  const Dataset dataset = dataset_from("hand", {{1, 2, 3, 4}, {5, 6, 7, 8, 9, 10}, {11, 12, 13, 14, 15}});
  return pack_training(dataset, training_samples(dataset), max_length);
}

TEST_CASE("Masking shows whole training sequences, hides items and asks for just these") {
  const std::vector<int32_t> whole = {5, 6, 7, 8, 11, 12, 13, 1, 2};
  for (uint32_t step = 0; step < 20; ++step) {
    const Batch batch = masked(hand_made(10), {.probability = 0.4, .token = 99, .max_length = 10}, 42, step);
    CHECK(list(batch.offsets_B1) == std::vector<int32_t>{0, 4, 7, 9});
    CHECK(list(batch.positions_T) == std::vector<int32_t>{6, 7, 8, 9, 7, 8, 9, 8, 9});
    CHECK(batch.users == std::vector<int32_t>{1, 2, 0});
    const std::vector<int32_t> items = list(batch.items_T), targets = list(batch.targets_T);
    for (size_t i = 0; i < whole.size(); ++i) {
      CHECK((items[i] == whole[i] || items[i] == 99));
      CHECK(targets[i] == (items[i] == 99 ? whole[i] : 0));
    }
    for (int64_t b = 0; b < 3; ++b) {
      int hidden = 0;
      for (int32_t i = list(batch.offsets_B1)[b]; i < list(batch.offsets_B1)[b + 1]; ++i)
        hidden += targets[i] != 0;
      CHECK(hidden >= 1);
    }
  }
}

TEST_CASE("Items are hidden as often as the probability says, and at least one where it says hardly any") {
  std::vector<int32_t> long_sequence(1003);
  for (size_t i = 0; i < long_sequence.size(); ++i) long_sequence[i] = static_cast<int32_t>(i + 1);
  const Dataset dataset = dataset_from("long", {long_sequence});
  const Batch samples = pack_training(dataset, training_samples(dataset), 1001);
  const auto hidden_with = [&](double probability, uint64_t seed) {
    const Batch batch = masked(samples, {probability, 0, 1001}, seed, 3);
    return 1001 - std::ranges::count(batch.targets_T.span<int32_t>(), 0);
  };
  // Mean 300, standard deviation 14.5.
  CHECK(std::abs(hidden_with(0.3, 1) - 300) < 75);
  CHECK(hidden_with(1, 1) == 1001);
  CHECK(hidden_with(1e-9, 1) == 1);
}

TEST_CASE("What is hidden depends on the seed and the step") {
  const Batch samples = hand_made(10);
  const auto draw = [&](uint64_t seed, uint32_t step) {
    std::vector<int32_t> targets;
    for (uint32_t i = 0; i < 10; ++i) {
      const Tensor drawn = masked(samples, {.max_length = 10}, seed, 100 * step + i).targets_T;
      targets.insert(targets.end(), drawn.span<int32_t>().begin(), drawn.span<int32_t>().end());
    }
    return targets;
  };
  CHECK(draw(42, 1) == draw(42, 1));
  CHECK(draw(42, 1) != draw(43, 1));
  CHECK(draw(42, 1) != draw(42, 2));
}

TEST_CASE("Masked and blank-ended sequences keep their last max_length items") {
  const Batch samples = hand_made(3);  // inputs 5 6 7 | 11 12 | 1 with next items 8, 13 and 2
  const Batch all_hidden = masked(samples, {.probability = 1, .token = 0, .max_length = 3}, 42, 0);
  CHECK(list(all_hidden.targets_T) == std::vector<int32_t>{6, 7, 8, 11, 12, 13, 1, 2});
  CHECK(list(all_hidden.positions_T) == std::vector<int32_t>{0, 1, 2, 0, 1, 2, 1, 2});

  const Batch blank = with_blank(samples, 99, 3);
  CHECK(list(blank.items_T) == std::vector<int32_t>{6, 7, 99, 11, 12, 99, 1, 99});
  CHECK(list(blank.offsets_B1) == std::vector<int32_t>{0, 3, 6, 8});
  CHECK_FALSE(blank.targets_T.defined());
  CHECK(list(with_blank(samples, 99, 1).items_T) == std::vector<int32_t>{99, 99, 99});
}

TEST_CASE("A probability that hides nothing or more than everything is refused") {
  for (const double probability : {0.0, 1.5}) {
    CHECK(message_of([&] {
            masked(hand_made(3), {.probability = probability}, 42, 0);
          }).starts_with("[hidden_rows] expected a probability above 0 and up to 1, got"));
  }
}

}  // namespace
}  // namespace cce
