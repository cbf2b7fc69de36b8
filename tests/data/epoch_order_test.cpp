#include "data/epoch_order.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;

}  // namespace

TEST_CASE("The batches of an epoch are all its samples once, and another epoch's are in another order") {
  std::vector<Sample> samples;
  for (int32_t user = 0; user < 10; ++user) samples.push_back({user, user + 2});
  EpochOrder order(samples, 4, 42);
  CHECK(order.samples() == 10);
  CHECK(order.per_epoch() == 3);
  const auto epoch = [&](uint32_t number) {
    std::vector<Sample> all;
    for (int64_t index = 0; index < 3; ++index) {
      const std::vector<Sample> batch = order.batch(number, index);
      CHECK(batch.size() == (index < 2 ? 4 : 2));
      all.insert(all.end(), batch.begin(), batch.end());
    }
    return all;
  };
  const std::vector<Sample> first = epoch(1), second = epoch(2);
  CHECK(first != second);
  CHECK(std::ranges::is_permutation(first, samples));
  CHECK(std::ranges::is_permutation(second, samples));
  // Whatever was asked for before.
  CHECK(EpochOrder(samples, 4, 42).batch(2, 1) ==
        std::vector<Sample>(second.begin() + 4, second.begin() + 8));
  CHECK(message_of([&] { order.batch(1, 3); }) == "[batches] batch 3 of an epoch of 3");
  CHECK(message_of([&] { EpochOrder(samples, 0, 42); }) == "the batch size is 0, expected at least 1");
}

TEST_CASE("A shuffle is a permutation that depends on seed and epoch alone") {
  const std::vector<int32_t> order = shuffled(1000, 42, 7);
  CHECK(order == shuffled(1000, 42, 7));
  CHECK(order != shuffled(1000, 42, 8));
  CHECK(order != shuffled(1000, 43, 7));
  std::vector<int32_t> sorted = order;
  std::ranges::sort(sorted);
  CHECK(sorted.front() == 0);
  CHECK(std::ranges::adjacent_find(sorted, [](int a, int b) { return b != a + 1; }) == sorted.end());
  CHECK(shuffled(0, 1, 1).empty());
  CHECK(shuffled(1, 1, 1) == std::vector<int32_t>{0});
}

TEST_CASE("A shuffle puts every number everywhere equally often") {
  constexpr int kEpochs = 6000;
  std::map<std::pair<int, int>, int> counts;
  for (uint32_t epoch = 0; epoch < kEpochs; ++epoch) {
    const std::vector<int32_t> order = shuffled(4, 42, epoch);
    for (int place = 0; place < 4; ++place) ++counts[{place, order[place]}];
  }
  // Each of the 16 is binomial(6000, 1/4): mean 1500, standard deviation 34.
  CHECK(counts.size() == 16);
  for (const auto& [where, count] : counts) CHECK(std::abs(count - 1500) < 170);
}

}  // namespace cce
