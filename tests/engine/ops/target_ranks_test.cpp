// Ranks by counting against ranks by sorting all scores.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/ops/target_ranks.h"
#include "engine/random.h"
#include "tests/gradcheck.h"

namespace cce::test {
namespace {

/// The contract, read literally, for one row.
int32_t plain_rank(const std::vector<float>& scores, int32_t target, std::span<const int32_t> seen,
                   Seen treatment) {
  const int32_t items = static_cast<int32_t>(scores.size());
  const auto was_seen = [&](int32_t item) { return std::ranges::binary_search(seen, item); };
  const auto score = [&](int32_t item) {
    return treatment == Seen::zero && was_seen(item) ? 0.0F : scores[static_cast<size_t>(item)];
  };
  if (treatment == Seen::exclude && was_seen(target)) return items - 2;
  int32_t higher = 0, same = 0;
  for (int32_t item = 1; item <= items - 2; ++item) {
    if (item == target || (treatment == Seen::exclude && was_seen(item))) continue;
    higher += score(item) > score(target), same += score(item) == score(target);
  }
  return higher + (same + 1) / 2;
}

std::vector<float> scores_of(const Tensor& x, const Tensor& table, int64_t row) {
  std::vector<float> scores;
  for (int64_t i = 0; i < table.rows(); ++i) {
    float total = 0;
    for (int64_t k = 0; k < x.cols(); ++k) {
      total = std::fma(x.data<float>()[row * x.cols() + k], table.data<float>()[i * x.cols() + k], total);
    }
    scores.push_back(total);
  }
  return scores;
}

}  // namespace

TEST_CASE("target_ranks agrees with counting over all scores, for every treatment of seen items") {
  RandomStream random(11, Purpose::test);
  for (const int64_t items : {3, 17, 600, 1111}) {
    const int64_t rows = 53, width = 12;
    const Tensor x = random_tensor({rows, width}, 1, 1, DType::f32),
                 table = random_tensor({items, width}, 2, 1, DType::f32);
    // Every third item is a copy of its neighbour, so that there are ties.
    for (int64_t i = 3; i < items; i += 3)
      std::copy_n(table.data<float>() + (i - 1) * width, width, table.data<float>() + i * width);
    std::vector<int32_t> targets;
    SeenItems seen;
    for (int64_t b = 0; b < rows; ++b) {
      const auto any = [&] {
        return static_cast<int32_t>(1 + random.below(static_cast<uint32_t>(items - 2)));
      };
      targets.push_back(any());
      std::vector<int32_t> history;
      for (int64_t i = 0; i < b % 7; ++i) history.push_back(any());
      seen.add_row(history);
    }
    Parallel parallel(2);
    const Tensor targets_B = Tensor::from({rows}, targets);
    for (const Seen treatment : {Seen::exclude, Seen::zero, Seen::keep}) {
      const TargetRanks actual = target_ranks(Context{parallel}, x, table, targets_B, seen, treatment);
      for (int64_t b = 0; b < rows; ++b) {
        CAPTURE(items);
        CAPTURE(b);
        CAPTURE(static_cast<int>(treatment));
        CHECK(actual.ranks_B[static_cast<size_t>(b)] ==
              plain_rank(scores_of(x, table, b), targets[static_cast<size_t>(b)], seen.row(b), treatment));
      }
    }
  }
}

TEST_CASE("target_ranks counts ties half, rounded up, and reports them") {
  const Tensor x = Tensor::from<float>({1, 1}, {1});
  const Tensor table =
      Tensor::from<float>({7, 1}, {9, 2, 1, 1, 1, 0, 9});  // padding and mask token score highest
  SeenItems none;
  none.add_row({});
  Parallel parallel(1);
  const TargetRanks ranked =
      target_ranks(Context{parallel}, x, table, Tensor::from<int32_t>({1}, {3}), none, Seen::keep);
  CHECK(ranked.ranks_B[0] == 1 + 1);  // one higher, two the same
  CHECK(ranked.tied == 1);
  CHECK(ranked.candidates == 5);
  const auto rank = [&](Ties ties) {
    const Tensor target = Tensor::from<int32_t>({1}, {3});
    return target_ranks(Context{parallel}, x, table, target, none, Seen::keep, ties).ranks_B[0];
  };
  CHECK(rank(Ties::none) == 1);
  CHECK(rank(Ties::all) == 1 + 2);
}

TEST_CASE("target_ranks says when a target was seen before and is no candidate") {
  const Tensor x = Tensor::from<float>({1, 1}, {1}), table = Tensor::from<float>({4, 1}, {0, 2, 1, 0});
  SeenItems seen;
  seen.add_row(std::vector<int32_t>{2, 2});
  Parallel parallel(1);
  const TargetRanks ranked =
      target_ranks(Context{parallel}, x, table, Tensor::from<int32_t>({1}, {2}), seen, Seen::exclude);
  CHECK(ranked.excluded == 1);
  CHECK(ranked.ranks_B[0] == ranked.candidates);
}

TEST_CASE("target_ranks refuses scores that are not finite") {
  const Tensor x = Tensor::from<float>({1, 1}, {std::nanf("")}),
               table = Tensor::from<float>({4, 1}, {0, 2, 1, 0});
  SeenItems none;
  none.add_row({});
  Parallel parallel(1);
  CHECK_THROWS_WITH_AS(
      target_ranks(Context{parallel}, x, table, Tensor::from<int32_t>({1}, {2}), none, Seen::keep),
      "the scores are not finite: the weights are damaged, or training diverged", Error);
}

TEST_CASE("target_ranks refuses questions that are none, or not of this table") {
  SeenItems seen;
  seen.add_row(std::vector<int32_t>{3});
  const Tensor target = Tensor::from<int32_t>({1}, {2}), zero = Tensor::from<int32_t>({1}, {0});
  CHECK_THROWS_WITH_AS(RankQuestions(zero, seen, Device::cpu), "[target_ranks] target 0 is no item", Error);
  CHECK_THROWS_WITH_AS(RankQuestions(target, {}, Device::cpu),
                       "[target_ranks] 1 targets, and histories for 0 rows", Error);
  Parallel parallel(1);
  const Context ctx{parallel};
  const Tensor x = Tensor::ones({1, 1}), two_rows = Tensor::ones({2, 1});
  CHECK_THROWS_WITH_AS(target_ranks(ctx, x, Tensor::ones({4, 1}), target, seen, Seen::exclude),
                       "[target_ranks] item 3 is not one of 2", Error);
  CHECK_THROWS_WITH_AS(target_ranks(ctx, two_rows, Tensor::ones({5, 1}), target, seen, Seen::exclude),
                       "[target_ranks] expected questions for 2 rows, got 1", Error);
}

}  // namespace cce::test
