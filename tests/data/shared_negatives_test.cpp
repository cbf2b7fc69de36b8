#include "data/shared_negatives.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/data/files.h"
#include "tests/tensors.h"

namespace cce {
namespace {

using test::list;
using testing::message_of;

Negatives draw(const NegativeSource& source, const std::vector<int32_t>& users,
               const std::vector<int32_t>& targets, uint32_t step = 0) {
  Parallel parallel(1);
  const int64_t rows = std::ssize(targets);
  return source.draw({.parallel = parallel, .step = step}, Tensor::from({rows}, users),
                     Tensor::from({rows}, targets), source.plan(rows, 42, step));
}

// In training 1 to 6 occur 2, 3, 2, 1, 1 and 1 times.
Dataset hand_made() {
  return dataset_from("hand", {{1, 2, 3, 7, 8}, {1, 2, 4, 7, 8}, {2, 3, 5, 6, 7, 8}});
}

TEST_CASE("In-batch negatives are the batch's targets, ruled out where the row's user has them") {
  const Dataset dataset = hand_made();
  const auto source = make_negative_source(dataset, {.sampling = Sampling::in_batch, .count = 10});
  const Negatives negatives = draw(*source, {0, 0, 1, 2}, {2, 3, 4, 5});
  CHECK(list(negatives.items) == std::vector<int32_t>{2, 3, 4, 5});
  CHECK_FALSE(negatives.log_expected_PN.defined());
  const auto penalty = negatives.penalty_PN.span<float>();
  const std::vector<std::vector<bool>> ruled_out = {{true, true, false, false},
                                                    {true, true, false, false},
                                                    {true, false, true, false},
                                                    {true, true, false, true}};
  for (size_t p = 0; p < 4; ++p) {
    for (size_t n = 0; n < 4; ++n) CHECK(penalty[4 * p + n] == (ruled_out[p][n] ? kRuledOut : 0));
  }
}

TEST_CASE("Fewer in-batch negatives than rows are drawn anew in every step, each row as often") {
  const Dataset dataset = hand_made();
  const auto source = make_negative_source(dataset, {.sampling = Sampling::in_batch, .count = 2});
  std::map<int32_t, int> times;
  for (uint32_t step = 0; step < 3000; ++step) {
    const std::vector<int32_t> items = list(draw(*source, {0, 1, 2}, {3, 4, 5}, step).items);
    REQUIRE(items.size() == 2);
    CHECK(items[0] != items[1]);
    ++times[items[0]], ++times[items[1]];
  }
  // Mean 2000, standard deviation 26.
  for (const int32_t item : {3, 4, 5}) CHECK(std::abs(times[item] - 2000) < 150);
}

TEST_CASE("Extra negatives come by popularity, and expected counts add up both sources") {
  const Dataset dataset = hand_made();
  const std::vector<int32_t> target_counts = {0, 0, 2, 2, 1, 1, 1, 0, 0, 0};
  const auto source = make_negative_source(dataset, {.sampling = Sampling::in_batch,
                                                     .count = 2,
                                                     .extra = 4000,
                                                     .alpha = 0.5,
                                                     .log_expected = true,
                                                     .target_counts = target_counts});
  const Negatives negatives = draw(*source, {0, 1}, {3, 4});
  const std::vector<int32_t> items = list(negatives.items);
  REQUIRE(items.size() == 4002);
  std::map<int32_t, int> times;
  for (size_t n = 2; n < items.size(); ++n) ++times[items[n]];
  const std::map<int32_t, double> counts = {{1, 2}, {2, 3}, {3, 2}, {4, 1}, {5, 1}, {6, 1}};
  double sum = 0;
  for (const auto& [item, count] : counts) sum += std::sqrt(count);
  for (const auto& [item, count] : counts) {
    const double expected = 4000 * std::sqrt(count) / sum;
    CHECK(std::abs(times[item] - expected) < 5 * std::sqrt(expected));
    const auto at = std::ranges::find(items, item) - items.begin();
    // Two of the batch's targets, which are the item in so many of 7 cases.
    const double targets = target_counts[static_cast<size_t>(item)];
    for (const int64_t row : {0, 1}) {
      CHECK(negatives.log_expected_PN.data<float>()[row * 4002 + at] ==
            doctest::Approx(std::log(expected + 2 * targets / 7)));
    }
  }
}

TEST_CASE("Expected counts of a row's own negatives are N times their probability for its user") {
  const Dataset dataset = hand_made();  // ids 1 .. 9 with the mask token
  const auto expected_with = [&](Sampling sampling, int64_t count) {
    const NegativeOptions options{.sampling = sampling, .count = count, .alpha = 1, .log_expected = true};
    return draw(*make_negative_source(dataset, options), {0, 2}, {3, 5});
  };
  const Negatives uniform = expected_with(Sampling::uniform, 3);
  for (int64_t n = 0; n < 3; ++n) {
    CHECK(uniform.log_expected_PN.data<float>()[n] == doctest::Approx(std::log(3.0 / 4)));      // 4 5 6 9
    CHECK(uniform.log_expected_PN.data<float>()[3 + n] == doctest::Approx(std::log(3.0 / 3)));  // 1 4 9
  }
  // By popularity user 0 is left with 4, 5 and 6, which occur once each, user 2 with 1, twice, and 4, once.
  const Negatives popular = expected_with(Sampling::popularity, 2);
  for (int64_t n = 0; n < 2; ++n) {
    CHECK(popular.log_expected_PN.data<float>()[n] == doctest::Approx(std::log(2.0 / 3)));
    const int32_t item = popular.items.data<int32_t>()[2 + n];
    CHECK(popular.log_expected_PN.data<float>()[2 + n] ==
          doctest::Approx(std::log(item == 1 ? 4.0 / 3 : 2.0 / 3)));
  }
}

TEST_CASE("Impossible numbers of shared negatives are refused") {
  const Dataset dataset = hand_made();
  CHECK(message_of([&] { SharedNegatives(dataset, {.count = 0}); }) ==
        "the number of negatives is 0, expected at least 1");
  CHECK(message_of([&] { SharedNegatives(dataset, {.extra = -1}); }) ==
        "the number of extra negatives is -1, expected 0 or more");
  CHECK(message_of([&] {
          SharedNegatives(dataset, {.log_expected = true, .target_counts = {0, 1}});
        }) == "[shared negatives] expected counts need 10 target counts, got 2");
}

}  // namespace
}  // namespace cce
