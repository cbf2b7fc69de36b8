// Counting by tiles, cut in ways that only large problems are: a block that goes through many items, and one
// that goes through few.
#include "engine/ops/target_ranks_tiled.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/gpu/same_on_both.h"

namespace cce::test {
namespace {

struct Counts {
  std::vector<int32_t> higher, same;
};

Counts counted_by_tiles(const Tensor& x, const Tensor& table, const Tensor& scores, int64_t blocks) {
  const Tensor x_there = x.to(Device::cuda), table_there = table.to(Device::cuda);
  const Tensor scores_there = scores.to(Device::cuda);
  const Tensor counts = Tensor::zeros({2, x.rows()}, DType::i32, Device::cuda);
  cuda::count_tiles({.rows = x.rows(),
                     .width = x.cols(),
                     .items = table.rows(),
                     .x = x_there.data<float>(),
                     .table = table_there.data<float>(),
                     .target_scores = scores_there.data<float>(),
                     .higher = counts.data<int32_t>(),
                     .same = counts.data<int32_t>() + x.rows()},
                    blocks);
  const Tensor here = counts.to(Device::cpu);
  const auto numbers = here.span<int32_t>();
  const auto middle = numbers.begin() + x.rows();
  return {{numbers.begin(), middle}, {middle, numbers.end()}};
}

float score(const Tensor& x, int64_t row, const Tensor& table, int64_t item) {
  float total = 0;
  for (int64_t k = 0; k < x.cols(); ++k) {
    total = std::fma(x.data<float>()[row * x.cols() + k], table.data<float>()[item * x.cols() + k], total);
  }
  return total;
}

}  // namespace

TEST_CASE("gpu: tiles count the same however many blocks share the items") {
  for (const int64_t width : {8, 64, 76, 80, 128}) {
    CAPTURE(width);
    const int64_t rows = 70, items = 333;
    const Tensor x = random_floats({rows, width}, 1), table = random_floats({items, width}, 2);
    for (int64_t item = 200; item < items; ++item) {  // like others, so that many are the same
      std::copy_n(table.data<float>() + (item - 200) * width, width, table.data<float>() + item * width);
    }
    const Tensor scores = Tensor::empty({rows});
    Counts expected{std::vector<int32_t>(rows), std::vector<int32_t>(rows)};
    for (int64_t row = 0; row < rows; ++row) {
      const float target = scores.data<float>()[row] = score(x, row, table, row * 3 % items);
      for (int64_t item = 0; item < items; ++item) {
        const float other = score(x, row, table, item);
        expected.higher[static_cast<size_t>(row)] += other > target ? 1 : 0;
        expected.same[static_cast<size_t>(row)] += other == target ? 1 : 0;
      }
    }
    for (const int64_t blocks : {1, 3, 1000}) {
      for (const bool reverse : {false, true}) {
        CAPTURE(blocks);
        change_order(reverse);
        const Counts counts = counted_by_tiles(x, table, scores, blocks);
        change_order(false);
        CHECK(counts.higher == expected.higher);
        CHECK(counts.same == expected.same);
      }
    }
  }
}

}  // namespace cce::test
