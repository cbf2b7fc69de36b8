// Ranks, on both devices: equal to the last one.
#include "engine/ops/target_ranks.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/gpu/same_on_both.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

TargetRanks ranks_on(Device device, Seen treatment, const Tensor& x, const Tensor& table) {
  const std::vector<std::vector<int32_t>> histories = {{1, 2, 3}, {}, {7, 7, 9}, {1400}};
  SeenItems seen;
  std::vector<int32_t> targets;
  for (int64_t row = 0; row < x.rows(); ++row) {
    seen.add_row(histories[static_cast<size_t>(row % 4)]);
    targets.push_back(static_cast<int32_t>(row % 3 == 0 ? 2 : 1 + row * 13 % 1400));
  }
  Parallel parallel(2);
  return target_ranks({.parallel = parallel, .device = device}, x.to(device), table.to(device), ids(targets),
                      seen, treatment);
}

/// Both devices count the same, ties among them, for vectors of this width.
void check_same(int64_t rows, int64_t items, int64_t width) {
  CAPTURE(rows);
  CAPTURE(items);
  CAPTURE(width);
  const Tensor x = random_floats({rows, width}, 1), table = random_floats({items, width}, 2);
  for (int64_t item = items / 2; item < items; item += 2) {  // like others
    std::copy_n(table.data<float>() + (item - items / 2) * width, width, table.data<float>() + item * width);
  }
  for (const Seen treatment : {Seen::exclude, Seen::zero, Seen::keep}) {
    const TargetRanks cpu = ranks_on(Device::cpu, treatment, x, table);
    for (const bool reverse : {false, true}) {
      change_order(reverse);
      const TargetRanks gpu = ranks_on(Device::cuda, treatment, x, table);
      change_order(false);
      CHECK(gpu.ranks_B == cpu.ranks_B);
      CHECK(gpu.tied == cpu.tied);
      if (rows > 20) CHECK(gpu.tied > 0);
      CHECK(gpu.excluded == cpu.excluded);
      CHECK(gpu.candidates == cpu.candidates);
    }
  }
}

}  // namespace

TEST_CASE("gpu: ranks with seen items excluded, at zero and kept, and with ties") {
  check_same(21, 1500, 18);
}

TEST_CASE("gpu: ranks by tiles, of every width that has some, of few rows and many, which end anywhere") {
  for (const int64_t width : {4, 64, 68, 72, 80, 100, 128}) check_same(150, 1403, width);
  for (const int64_t rows : {1, 31, 128, 129}) check_same(rows, 1437, 8);
}

TEST_CASE("gpu: ranks of vectors that are too wide for shared memory") {
  for (const int64_t width : {132, 1024, 1025}) check_same(11, 1403, width);
}

TEST_CASE("gpu: ranks where no row has seen anything, and where scores are 0") {
  const Tensor x = Tensor::zeros({9, 8}), table = random_floats({700, 8}, 2);
  SeenItems nothing;
  for (int row = 0; row < 9; ++row) nothing.add_row({});
  const std::vector<int32_t> targets{1, 5, 9, 13, 17, 21, 25, 29, 33};
  for (const Seen treatment : {Seen::exclude, Seen::zero}) {
    for (const Device device : {Device::cpu, Device::cuda}) {
      Parallel parallel(1);
      const TargetRanks ranked = target_ranks({.parallel = parallel, .device = device}, x.to(device),
                                              table.to(device), ids(targets), nothing, treatment);
      CHECK(ranked.ranks_B == std::vector<int32_t>(9, 349));  // half of 697 others tie
      CHECK(ranked.tied == 9);
    }
  }
}

}  // namespace cce::test
