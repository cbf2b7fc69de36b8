#include "tools/run_comparison.h"

#include <vector>

#include "tests/data/files.h"

namespace cce {

using testing::message_of;

TEST_CASE("run comparison: means, difference and interval are of b minus a") {
  const std::vector<UserRanks> a = {{"1", 0, 50}, {"2", 0, 50}, {"3", 0, 0}, {"4", 0, 50}};
  const std::vector<UserRanks> b = {{"1", 0, 0}, {"2", 0, 50}, {"3", 0, 0}, {"4", 0, 1}};
  const RunComparison comparison = compare_runs({a, 99}, {b, 99}, Metric::hr5);
  CHECK(comparison.mean_a == 0.25);
  CHECK(comparison.mean_b == 0.75);
  CHECK(comparison.test.mean == 0.5);
  CHECK(comparison.interval.low >= 0);
  CHECK(comparison.interval.high <= 1);
  CHECK(compare_runs({b, 99}, {a, 99}, Metric::hr5).test.mean == -0.5);
}

TEST_CASE("run comparison: a target that was no candidate is a miss, however few items there are") {
  const std::vector<UserRanks> a = {{"1", 0, 3}, {"2", 0, 1}}, b = {{"1", 0, 2}, {"2", 0, 1}};
  CHECK(compare_runs({a, 3}, {b, 3}, Metric::hr5).mean_a == 0.5);
  CHECK(compare_runs({a, 3}, {b, 3}, Metric::mrr).mean_a == 0.25);
  CHECK(compare_runs({a, 3}, {b, 3}, Metric::hr5).mean_b == 1);
  CHECK(compare_runs({a, 0}, {b, 0}, Metric::hr5).mean_a == 1);  // nobody knows
}

TEST_CASE("run comparison: other users are refused with the first that differs") {
  const std::vector<UserRanks> a = {{"1", 0, 5}, {"2", 0, 5}}, b = {{"1", 0, 5}, {"9", 0, 5}};
  const RankedRun x{"x", "toys", "", {a, 9}};
  require_comparable(x, {"y", "toys", "", {a, 9}});
  CHECK(message_of([&] {
          require_comparable(x, {"y", "toys", "", {b, 9}});
        }) == "user 2 of x is 2 there and 9 in y: not the same data");
  CHECK(message_of([&] {
          require_comparable(x, {"y", "toys", "", {{}, 9}});
        }) == "x has 2 users and y has 0: they were not run on the same data");
}

TEST_CASE("run comparison: ranks among other candidates are refused") {
  const std::vector<UserRanks> ranks = {{"1", 0, 5}, {"2", 0, 5}};
  const RankedRun x{"x", "toys", "exclude", {ranks, 9}};
  CHECK(message_of([&] {
          require_comparable(x, {"y", "beauty", "exclude", {ranks, 9}});
        }) == "x is of toys and y of beauty: only runs on the same data compare");
  CHECK(message_of([&] {
          require_comparable(x, {"y", "toys", "exclude", {ranks, 8}});
        }) == "x ranked 9 items and y 8: they were not run on the same data");
  CHECK(message_of([&] {
          require_comparable(x, {"y", "toys", "keep", {ranks, 9}});
        }) == "x ranked with --seen exclude and y with --seen keep: only the same candidates compare");
  require_comparable(x, {"y", "toys", "", {ranks, 0}});  // nobody knows
}

TEST_CASE("run comparison: probabilities as papers write them") {
  CHECK(probability_text(0.0009) == "p < .001");
  CHECK(probability_text(0.0421) == "p = 0.042");
}

}  // namespace cce
