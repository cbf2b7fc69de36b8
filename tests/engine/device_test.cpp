// Devices: what is said of a GPU that is not there, and tensors that know where they are.
#include "engine/device.h"

#include <doctest/doctest.h>

#include "engine/tensor.h"

namespace cce::test {

TEST_CASE("a GPU that cannot be used has a reason, in words that fit behind a colon") {
  if (gpu().usable()) {
    CHECK(gpu().major >= 8);
    CHECK(gpu().memory_bytes > 0);
    return;
  }
  CHECK(!gpu().problem.empty());
  CHECK(gpu().problem.find('\n') == std::string::npos);
  CHECK(gpu().problem.back() != '.');
  if (!cuda_built()) CHECK(gpu().problem == "this program was built without CUDA");
}

TEST_CASE("a tensor is on the CPU unless told otherwise, and stays the same object there") {
  const Tensor x = Tensor::from<float>({2}, {1, 2});
  CHECK(x.device() == Device::cpu);
  CHECK(x.to(Device::cpu).is(x));
  CHECK(!Tensor().to(Device::cpu).defined());
  const Tensor y = Tensor::zeros({2});
  y.copy_from(x);
  CHECK(y.span<float>()[1] == 2);
  CHECK_THROWS_AS(y.copy_from(Tensor::zeros({3})), Error);
  CHECK_THROWS_AS(y.copy_from(Tensor::zeros({2}, DType::i32)), Error);
}

TEST_CASE("ones are ones, and a tensor over memory that is there shares it") {
  CHECK(Tensor::ones({2, 3}).span<float>()[5] == 1);
  CHECK(Tensor::ones({2}, DType::f64).span<double>()[1] == 1);
  CHECK_THROWS_AS(Tensor::ones({2}, DType::i32), Error);
  const std::shared_ptr<void> memory = allocate(Device::cpu, 8);
  const Tensor a = Tensor::over(memory, {2}, DType::f32, Device::cpu);
  const Tensor b = Tensor::over(memory, {1, 2}, DType::f32, Device::cpu);
  a.span<float>()[1] = 7;
  CHECK(b.span<float>()[1] == 7);
}

TEST_CASE("float64 does not go to a GPU") {
  CHECK_THROWS_WITH_AS(Tensor::zeros({2}, DType::f64, Device::cuda), "[tensor] float64 is for the CPU",
                       Error);
}

}  // namespace cce::test
