// The best items, on both devices: the same to the last bit.
#include "engine/ops/top_items.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/gpu/same_on_both.h"
#include "tests/gpu/tiny_trainings.h"

namespace cce::test {
namespace {

using Lists = std::vector<std::vector<ScoredItem>>;

/// Three rows, of which the second has seen nothing.
SeenItems some_seen() {
  SeenItems seen;
  for (const std::vector<int32_t>& history : {std::vector<int32_t>{3, 1, 5}, {}, {700, 2, 1}})
    seen.add_row(history);
  return seen;
}

Lists top_on(Device device, const Tensor& x, const Tensor& table, int64_t count, Seen treatment) {
  Parallel parallel(2);
  return top_items({.parallel = parallel, .device = device}, x.to(device), table.to(device), count,
                   some_seen(), treatment);
}

void check_same(const Tensor& x, const Tensor& table, int64_t count) {
  for (const Seen treatment : {Seen::exclude, Seen::zero, Seen::keep}) {
    const Lists cpu = top_on(Device::cpu, x, table, count, treatment);
    CAPTURE(count);
    CHECK(top_on(Device::cuda, x, table, count, treatment) == cpu);
    CHECK(cpu[1].size() == static_cast<size_t>(std::min(count, table.rows() - 2)));
  }
}

}  // namespace

TEST_CASE("gpu: the best items, few and all of them, with seen items excluded, at zero and kept") {
  const Tensor x = random_floats({3, 18}, 1), table = random_floats({1030, 18}, 2);
  for (const int64_t count : {1, 10, 300, 1027, 1028, 5000}) check_same(x, table, count);
}

TEST_CASE("gpu: the best items for vectors that are too wide for shared memory") {
  const Unguarded unguarded;
  for (const int64_t width : {1024, 1025}) {
    check_same(random_floats({3, width}, 1), random_floats({1030, width}, 2), 10);
  }
}

TEST_CASE("gpu: the best of so many items that not all rows are scored at once") {
  const Unguarded unguarded;
  const Tensor x = random_floats({3, 1}, 1), table = random_floats({2'200'000, 1}, 2);  // two rows at once
  CHECK(top_on(Device::cuda, x, table, 5, Seen::exclude) == top_on(Device::cpu, x, table, 5, Seen::exclude));
}

TEST_CASE("gpu: of equal scores the lower ids are the best, also where the list ends among them") {
  const Tensor x = random_floats({3, 4}, 3), table = random_floats({900, 4}, 4);
  for (int64_t item = 0; item < 900; ++item)  // seven different ones, and zeros of both signs
    std::copy_n(table.data<float>() + item % 7 * 4, 4, table.data<float>() + item * 4);
  std::fill_n(table.data<float>() + 8, 4, -0.0F);
  for (const int64_t count : {1, 100, 128, 129, 500}) check_same(x, table, count);
}

TEST_CASE("gpu: damaged weights are told where they matter") {
  const Tensor x = random_floats({3, 4}, 3), table = random_floats({900, 4}, 4);
  table.data<float>()[500 * 4] = std::numeric_limits<float>::quiet_NaN();
  CHECK_NOTHROW(top_on(Device::cuda, x, table, 10, Seen::keep));
  CHECK_THROWS_WITH(top_on(Device::cuda, x, table, 898, Seen::keep),
                    "the scores are not finite: the weights are damaged, or training diverged");
  table.data<float>()[500 * 4] = std::numeric_limits<float>::infinity();
  std::ranges::fill(x.span<float>(), 1.0F);
  CHECK_THROWS(top_on(Device::cuda, x, table, 10, Seen::keep));
}

}  // namespace cce::test
