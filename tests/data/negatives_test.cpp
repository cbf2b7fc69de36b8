#include "data/negatives.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/random.h"
#include "tests/data/files.h"
#include "tests/tensors.h"

namespace cce {
namespace {

using testing::message_of;

/// int32 [users, count]: what is drawn for rows of these users.
Tensor sample(const NegativeSampler& sampler, const std::vector<int32_t>& users, int64_t count,
              uint32_t step = 0, uint64_t seed = 42, int threads = 1) {
  Parallel parallel(threads);
  return sampler.sample({.parallel = parallel, .seed = seed, .step = step},
                        Tensor::from({std::ssize(users)}, users), count);
}

/// Draws `rows` rows of `count` negatives for user 0 and counts how often each id came.
std::vector<int> histogram(const NegativeSampler& sampler, const Dataset& dataset, int64_t rows,
                           int64_t count) {
  const std::vector<int32_t> users(static_cast<size_t>(rows), 0);
  std::vector<int> times(static_cast<size_t>(dataset.item_rows()));
  const Tensor drawn = sample(sampler, users, count, 3);
  for (const int32_t item : drawn.span<int32_t>()) ++times.at(item);
  return times;
}

TEST_CASE("Negatives are never in the user's whole sequence, answers included") {
  RandomStream random(9, Purpose::test);
  std::vector<std::vector<int32_t>> sequences(50);
  for (auto& sequence : sequences) {
    sequence.resize(4 + random.below(40));
    for (int32_t& item : sequence) item = 1 + static_cast<int32_t>(random.below(40));
  }
  const Dataset dataset = dataset_from("random", sequences);
  std::vector<int32_t> users;
  for (int32_t user = 0; user < 50; ++user) users.insert(users.end(), 5, user);
  for (const Sampling sampling : {Sampling::uniform, Sampling::popularity}) {
    const Tensor drawn = sample(NegativeSampler(dataset, sampling), users, 3);
    REQUIRE(drawn.shape() == Shape{250, 3});
    for (size_t row = 0; row < users.size(); ++row) {
      const auto sequence = dataset.sequence(users[row]);
      for (int n = 0; n < 3; ++n) {
        const int32_t item = drawn.data<int32_t>()[row * 3 + n];
        CHECK(item >= 1);
        CHECK(item <= dataset.mask_item());
        CHECK(std::ranges::find(sequence, item) == sequence.end());
      }
    }
  }
}

TEST_CASE("Uniform negatives come equally often, the mask token among them") {
  const Dataset dataset = dataset_from("hand", {{1, 4, 5, 4, 10}});
  const std::vector<int> times = histogram(NegativeSampler(dataset, Sampling::uniform), dataset, 1000, 7);
  const std::set<int> excluded{0, 1, 4, 5, 10};
  for (int item = 0; item <= 11; ++item) {
    CAPTURE(item);
    // 7000 draws from 7 items: mean 1000, standard deviation 29.
    CHECK(std::abs(times[item] - (excluded.contains(item) ? 0 : 1000)) <=
          (excluded.contains(item) ? 0 : 150));
  }
}

TEST_CASE("Popular negatives come as often as their count to the power of alpha says") {
  // In training 1 occurs four times, 2 once, 3 nine times, and 5 and 6, which user 0 has. 4 and 9 are only
  // answers.
  const Dataset dataset = dataset_from(
      "hand", {{5, 6, 7, 8}, {1, 1, 1, 1, 4, 9}, {2, 6, 4, 9}, {3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 9}});
  const std::vector<int> times =
      histogram(NegativeSampler(dataset, Sampling::popularity, 0.5), dataset, 6000, 1);
  // Shares 2 : 1 : 3 of 6000 draws; standard deviations below 39.
  CHECK(std::abs(times[1] - 2000) < 200);
  CHECK(std::abs(times[2] - 1000) < 200);
  CHECK(std::abs(times[3] - 3000) < 200);
  CHECK(times[1] + times[2] + times[3] == 6000);
}

TEST_CASE("Negatives do not depend on the number of threads, but on seed, step, row and column") {
  const Dataset dataset = dataset_from("hand", {{1, 2, 3, 500}, {4, 5, 6, 7}});
  std::vector<int32_t> users(300);
  for (size_t row = 0; row < users.size(); ++row) users[row] = static_cast<int32_t>(row % 2);
  const auto draw = [&](Sampling sampling, int threads, int64_t count, uint64_t seed, uint32_t step) {
    const Tensor drawn = sample(NegativeSampler(dataset, sampling), users, count, step, seed, threads);
    return test::list(drawn);
  };
  for (const Sampling sampling : {Sampling::uniform, Sampling::popularity}) {
    const int64_t most = sampling == Sampling::uniform ? 100 : 1;
    const std::vector<int32_t> once = draw(sampling, 1, most, 42, 5);
    CHECK(draw(sampling, 2, most, 42, 5) == once);
    CHECK(draw(sampling, 3, most, 42, 5) == once);
  }
  const std::vector<int32_t> once = draw(Sampling::uniform, 1, 100, 42, 5);
  CHECK(draw(Sampling::uniform, 1, 100, 43, 5) != once);
  CHECK(draw(Sampling::uniform, 1, 100, 42, 6) != once);
  const std::vector<int32_t> fewer = draw(Sampling::uniform, 1, 10, 42, 5);
  CHECK(std::equal(fewer.begin(), fewer.begin() + 10, once.begin()));
  CHECK(fewer[10] == once[100]);
  CHECK_FALSE(std::equal(once.begin(), once.begin() + 100, once.begin() + 200));
}

TEST_CASE("More negatives than there are items are refused, naming the user") {
  const Dataset dataset = dataset_from("hand", {{1, 2, 3, 4}, {1, 2, 3, 4, 5, 6, 1}});
  const NegativeSampler uniform(dataset, Sampling::uniform);
  uniform.require_enough(1);
  CHECK(sample(uniform, {0}, 1).data<int32_t>()[0] >= 5);
  CHECK(message_of([&] { uniform.require_enough(2); }) ==
        "2 negatives are too many: only 1 can be drawn for user \"2\"; lower --negatives");
  CHECK(message_of([&] { uniform.require_enough(0); }) ==
        "the number of negatives is 0, expected at least 1");
  const NegativeSampler popular(dataset, Sampling::popularity);
  CHECK(message_of([&] { popular.require_enough(1); }) ==
        "no negatives can be drawn for user \"2\", who had every item that can be drawn; choose another "
        "--sampler, or a --loss without negatives");
  Dataset odd = dataset;
  odd.users[1] = "M\xFCller";
  CHECK(message_of([&] { NegativeSampler(odd, Sampling::uniform).require_enough(2); }) ==
        "2 negatives are too many: only 1 can be drawn for user \"M\\xfcller\"; lower --negatives");
}

TEST_CASE("An impossible exponent of popularity is refused") {
  const Dataset dataset = dataset_from("hand", {{1, 2, 3, 4}});
  CHECK(message_of([&] { NegativeSampler(dataset, Sampling::popularity, -1); }) ==
        "the exponent of popularity is -1, expected 0 or more");
  CHECK(message_of([&] { NegativeSampler(dataset, Sampling::popularity, std::nan("")); }) ==
        "the exponent of popularity is nan, expected 0 or more");
}

TEST_CASE("A user who has everything but one item always gets that one") {
  std::vector<int32_t> nearly_all;
  for (int32_t item = 1; item <= 1000; ++item) {
    if (item != 617) nearly_all.push_back(item);
  }
  nearly_all.push_back(1001);
  const Dataset dataset = dataset_from("hand", {nearly_all, {617, 1, 2, 1002}});
  // Ids 1 .. 1003 with the mask token; user 0 lacks 617, 1002 and the mask token.
  const std::vector<int> times = histogram(NegativeSampler(dataset, Sampling::uniform), dataset, 1000, 3);
  CHECK(times[617] + times[1002] + times[1003] == 3000);
  CHECK(std::abs(times[617] - 1000) < 150);
}

}  // namespace
}  // namespace cce
