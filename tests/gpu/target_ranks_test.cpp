// Ranks, on both devices: equal to the last one.
#include "engine/ops/target_ranks.h"

#include <doctest/doctest.h>

#include "tests/gpu/same_on_both.h"
#include "tests/gpu/tiny_trainings.h"

namespace cce::test {
namespace {

TargetRanks ranks_on(Device device, Seen treatment, const Tensor& x, const Tensor& table) {
  const std::vector<std::vector<int32_t>> histories = {{1, 2, 3}, {}, {7, 7, 9}, {1400}};
  SeenItems seen;
  std::vector<int32_t> targets;
  for (int64_t row = 0; row < x.rows(); ++row) {
    seen.add_row(histories[static_cast<size_t>(row % 4)]);
    targets.push_back(static_cast<int32_t>(row % 3 == 0 ? 2 : 1 + row * 13));
  }
  Parallel parallel(2);
  return target_ranks({.parallel = parallel, .device = device}, x.to(device), table.to(device),
                      ids_of(targets), seen, treatment);
}

}  // namespace

TEST_CASE("gpu: ranks with seen items excluded, at zero and kept, and with ties") {
  const Tensor x = random_floats({21, 18}, 1), table = random_floats({1500, 18}, 2);
  const auto numbers = table.span<float>();
  for (int64_t item = 500; item < 600; ++item) {  // like others
    std::copy_n(numbers.begin() + (item - 499) * 18, 18, numbers.begin() + item * 18);
  }
  for (const Seen treatment : {Seen::exclude, Seen::zero, Seen::keep}) {
    const TargetRanks cpu = ranks_on(Device::cpu, treatment, x, table),
                      gpu = ranks_on(Device::cuda, treatment, x, table);
    CHECK(gpu.ranks_B == cpu.ranks_B);
    CHECK(gpu.tied == cpu.tied);
    CHECK(gpu.tied > 0);
    CHECK(gpu.excluded == cpu.excluded);
    CHECK(gpu.candidates == cpu.candidates);
  }
}

TEST_CASE("gpu: ranks of vectors that are too wide for shared memory") {
  const Unguarded unguarded;
  for (const int64_t width : {1024, 1025}) {
    const Tensor x = random_floats({11, width}, 1), table = random_floats({1500, width}, 2);
    CHECK(ranks_on(Device::cuda, Seen::exclude, x, table).ranks_B ==
          ranks_on(Device::cpu, Seen::exclude, x, table).ranks_B);
  }
}

}  // namespace cce::test
