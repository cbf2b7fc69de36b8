// Copies to the GPU that nobody waits for.
#include "engine/cuda/pinned_ring.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "engine/tensor.h"

namespace cce::test {

TEST_CASE("emulator: copies to the GPU arrive, more of them than the ring holds, and larger ones") {
  cuda::PinnedRing ring(1024);
  for (const int64_t count : {1, 64, 100, 255, 256, 300}) {  // the last is larger than a half
    CAPTURE(count);
    std::vector<Tensor> there;
    std::vector<float> numbers(static_cast<size_t>(count));
    for (int copy = 0; copy < 40; ++copy) {  // without anything between them that would make them come
      std::ranges::fill(numbers, static_cast<float>(copy));
      there.push_back(Tensor::empty({count}, DType::f32, Device::cuda));
      ring.copy_to_gpu(there.back().data<float>(), numbers.data(), count * 4);
    }
    for (int copy = 0; copy < 40; ++copy) {
      const Tensor here = there[static_cast<size_t>(copy)].to(Device::cpu);
      CHECK(here.span<float>().front() == static_cast<float>(copy));
      CHECK(here.span<float>().back() == static_cast<float>(copy));
    }
  }
}

}  // namespace cce::test
