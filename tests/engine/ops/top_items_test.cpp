// The best items found on the way against those found by sorting all scores.
#include "engine/ops/top_items.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/random.h"
#include "tests/gradcheck.h"

namespace cce::test {
namespace {

/// The contract, read literally, for one row.
std::vector<ScoredItem> plain_top(const Tensor& x, const Tensor& table, int64_t row, int64_t count,
                                  std::span<const int32_t> seen, Seen treatment) {
  std::vector<ScoredItem> all;
  for (int32_t item = 1; item <= table.rows() - 2; ++item) {
    float score = 0;
    for (int64_t k = 0; k < x.cols(); ++k) {
      score = std::fma(x.data<float>()[row * x.cols() + k], table.data<float>()[item * x.cols() + k], score);
    }
    const bool was_seen = std::ranges::binary_search(seen, item);
    if (was_seen && treatment == Seen::exclude) continue;
    all.push_back({item, was_seen && treatment == Seen::zero ? 0 : score});
  }
  std::ranges::sort(all, [](const ScoredItem& a, const ScoredItem& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  });
  all.resize(std::min(all.size(), static_cast<size_t>(count)));
  return all;
}

/// A table in which every third item is a copy of its neighbour, so that there are ties.
Tensor table_with_ties(int64_t items, int64_t width) {
  Tensor table = random_tensor({items, width}, 2, 1, DType::f32);
  for (int64_t i = 3; i < items; i += 3)
    std::copy_n(table.data<float>() + (i - 1) * width, width, table.data<float>() + i * width);
  return table;
}

}  // namespace

TEST_CASE("top_items agrees with sorting all scores, for every count and treatment of seen items") {
  RandomStream random(12, Purpose::test);
  for (const int64_t items : {3, 17, 600, 1111}) {
    const int64_t rows = 53, width = 12;
    const Tensor x = random_tensor({rows, width}, 1, 1, DType::f32), table = table_with_ties(items, width);
    SeenItems seen;
    for (int64_t b = 0; b < rows; ++b) {
      std::vector<int32_t> history;
      for (int64_t i = 0; i < b; ++i)
        history.push_back(static_cast<int32_t>(1 + random.below(static_cast<uint32_t>(items - 2))));
      seen.add_row(history);
    }
    for (const int threads : {1, 3}) {
      Parallel parallel(threads);
      for (const Seen treatment : {Seen::exclude, Seen::zero, Seen::keep}) {
        for (const int64_t count : {1, 10, 100, 5000}) {
          const auto best = top_items({parallel}, x, table, count, seen, treatment);
          for (int64_t row = 0; row < rows; ++row) {
            CAPTURE(items);
            CAPTURE(count);
            CAPTURE(row);
            CHECK(best[static_cast<size_t>(row)] ==
                  plain_top(x, table, row, count, seen.row(row), treatment));
          }
        }
      }
    }
  }
}

TEST_CASE("top_items: an item's place is its rank, where nothing ties") {
  Parallel parallel(2);
  const Tensor x = random_tensor({5, 8}, 3, 1, DType::f32), table = random_tensor({40, 8}, 4, 1, DType::f32);
  SeenItems seen;
  for (int32_t row = 1; row <= 5; ++row) seen.add_row(std::vector<int32_t>{row, 20});
  const auto best = top_items({parallel}, x, table, 100, seen, Seen::exclude);
  const std::vector<int32_t> targets{7, 8, 9, 10, 11};
  const TargetRanks ranks =
      target_ranks({parallel}, x, table, Tensor::from({5}, targets), seen, Seen::exclude);
  CHECK(ranks.tied == 0);
  for (size_t row = 0; row < 5; ++row)
    CHECK(best[row][static_cast<size_t>(ranks.ranks_B[row])].item == targets[row]);
}

TEST_CASE("top_items refuses scores that are no numbers, and what does not fit the table") {
  Parallel parallel(1);
  const Tensor x = random_tensor({1, 4}, 5, 1, DType::f32), table = random_tensor({9, 4}, 6, 1, DType::f32);
  SeenItems none;
  none.add_row({});
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Tensor damaged = random_tensor({9, 4}, 6, 1, DType::f32);
    damaged.data<float>()[3 * 4] = bad * (x.data<float>()[0] < 0 ? -1.0F : 1.0F);
    CHECK_THROWS_WITH_AS(top_items({parallel}, x, damaged, 8, none, Seen::keep),
                         "the scores are not finite: the weights are damaged, or training diverged", Error);
  }
  SeenItems beyond;
  beyond.add_row(std::vector<int32_t>{8});
  CHECK_THROWS_WITH_AS(top_items({parallel}, x, table, 1, beyond, Seen::keep),
                       "[top_items] seen item 8 is not one of 7 items", Error);
  CHECK_THROWS_WITH_AS(top_items({parallel}, x, table, 0, none, Seen::keep),
                       "[top_items] expected a count of at least 1, got 0", Error);
}

}  // namespace cce::test
