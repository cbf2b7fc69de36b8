// The order of ids on the GPU, by counting and by radix sort.
#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "engine/cuda/sort.h"
#include "engine/random.h"
#include "tests/gpu/same_on_both.h"
#include "tests/tensors.h"

namespace cce::test {

TEST_CASE("gpu: ids are put in order, and equal ones stay in theirs") {
  for (const int64_t count : {1, 33, 4096, 4097, 40000}) {
    for (const uint32_t bound : {1u, 2u, 16u, 17u, 5000u, 1u << 20}) {
      CAPTURE(count);
      CAPTURE(bound);
      RandomStream random(count, Purpose::test, bound);
      std::vector<int32_t> keys, expected(static_cast<size_t>(count));
      for (int64_t i = 0; i < count; ++i) keys.push_back(static_cast<int32_t>(random.below(bound)));
      std::iota(expected.begin(), expected.end(), 0);
      std::ranges::stable_sort(expected, {}, [&](int32_t i) { return keys[static_cast<size_t>(i)]; });
      const Tensor order = Tensor::empty({count}, DType::i32, Device::cuda);
      cuda::stable_order(count, ids(keys).to(Device::cuda).data<int32_t>(), bound, order.data<int32_t>());
      CHECK(std::ranges::equal(order.to(Device::cpu).span<int32_t>(), expected));
    }
  }
}

}  // namespace cce::test
