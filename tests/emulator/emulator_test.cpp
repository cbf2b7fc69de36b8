// The emulation of a GPU finds the mistakes it is there for.
#include "tests/emulator/emulator.h"

#include <doctest/doctest.h>

#include <vector>

#include "engine/cuda/launch.h"
#include "engine/cuda/reduce.h"
#include "engine/tensor.h"

namespace cce::test {
namespace {

/// Each block turns its part of x around.
void turn_around(float* x) {
  __shared__ float part[64];
  float* const mine = x + blockIdx.x * 64;
  part[threadIdx.x] = mine[threadIdx.x];
  __syncthreads();
  mine[threadIdx.x] = part[63 - threadIdx.x];
}

/// As above, but with nobody waiting for anybody.
void turn_around_racing(float* x) {
  __shared__ float part[64];
  float* const mine = x + blockIdx.x * 64;
  part[threadIdx.x] = mine[threadIdx.x];
  mine[threadIdx.x] = part[63 - threadIdx.x];
}

/// Turns x around twice, through the same memory, and nobody waits for the other warp before writing again.
void turn_around_twice_racing(float* x) {
  __shared__ float part[64];
  float* const mine = x + blockIdx.x * 64;
  for (int round = 0; round < 2; ++round) {
    part[threadIdx.x] = mine[threadIdx.x];
    __syncthreads();
    __syncwarp();
    const float other = part[63 - threadIdx.x];
    __syncwarp();
    mine[threadIdx.x] = other + 1;
  }
}

void half_waits() {
  if (threadIdx.x < 32) __syncthreads();
}

void add_up(const int* x, int* sum_of_warp) {
  const int total = cuda::warp_sum(x[threadIdx.x]);
  if (threadIdx.x % 32 == 7) sum_of_warp[threadIdx.x / 32] = total;
}

std::vector<float> turned(void (*kernel)(float*), bool reverse) {
  std::vector<float> numbers(128);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
  const Tensor x = Tensor::from({128}, numbers).to(Device::cuda);
  emulator::start_in_reverse(reverse);
  cuda::launch({"turn around", 2, 64}, kernel, x.data<float>());
  emulator::start_in_reverse(false);
  const Tensor result = x.to(Device::cpu);
  return {result.span<float>().begin(), result.span<float>().end()};
}

void add_one(float* x) {
  x[threadIdx.x] += 1;
}

}  // namespace

TEST_CASE("emulator: what was captured is run again on what memory holds by then, and counted") {
  const Tensor x = Tensor::zeros({32}, DType::f32, Device::cuda);
  auto* const pinned = static_cast<float*>(emulator::allocate_pinned(32 * 4));
  const emulator::CaptureCounts before = emulator::capture_counts();
  pinned[5] = 1;
  emulator::begin_capture();
  emulator::copy(x.data<float>(), pinned, 32 * 4, /*late=*/true);
  cuda::launch({"add one", 1, 32}, add_one, x.data<float>());
  const emulator::Captured captured = emulator::end_capture();
  CHECK(x.to(Device::cpu).span<float>()[5] == 0);
  for (const float value : {1.0F, 7.0F}) {
    pinned[5] = value;
    emulator::run_captured(captured);
    CHECK(x.to(Device::cpu).span<float>()[5] == value + 1);
  }
  CHECK(emulator::capture_counts().captures == before.captures + 1);
  CHECK(emulator::capture_counts().runs == before.runs + 2);
  emulator::begin_capture();
  CHECK_THROWS_AS(emulator::run_captured(captured), Error);
  emulator::end_capture();
}

TEST_CASE("emulator: threads of a block wait for each other") {
  const std::vector<float> result = turned(turn_around, false);
  CHECK(result[0] == 63);
  CHECK(result[127] == 64);
  CHECK(turned(turn_around, true) == result);
}

TEST_CASE("emulator: a missing barrier shows when threads start in another order") {
  CHECK(turned(turn_around_racing, false) != turned(turn_around_racing, true));
}

TEST_CASE("emulator: a missing barrier shows between warps that go on without each other") {
  CHECK(turned(turn_around_twice_racing, false)[0] == 2);
  CHECK(turned(turn_around_twice_racing, false) != turned(turn_around_twice_racing, true));
}

TEST_CASE("emulator: a barrier that not all threads come to is told") {
  CHECK_THROWS_AS(cuda::launch({"half waits", 1, 64}, half_waits), Error);
}

TEST_CASE("emulator: lanes of a warp see each other's numbers") {
  std::vector<int32_t> numbers(64, 1);
  numbers[40] = 11;
  const Tensor x = Tensor::from({64}, numbers).to(Device::cuda);
  const Tensor sums = Tensor::zeros({2}, DType::i32, Device::cuda);
  cuda::launch({"add up", 1, 64}, add_up, static_cast<const int*>(x.data<int32_t>()), sums.data<int32_t>());
  CHECK(sums.to(Device::cpu).span<int32_t>()[0] == 32);
  CHECK(sums.to(Device::cpu).span<int32_t>()[1] == 42);
}

TEST_CASE("emulator: what does not fit into the GPU's memory is refused, saying how much was needed") {
  const Tensor some = Tensor::zeros({1000}, DType::f32, Device::cuda);
  emulator::limit_memory(1 << 20);
  try {
    Tensor::zeros({1 << 20}, DType::f32, Device::cuda);
    FAIL("4 MB fitted into 1 MB");
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::out_of_memory);
    CHECK(std::string(error.what()).find("4.2 MB more were needed") != std::string::npos);
    CHECK(std::string(error.what()).find("--batch-size") != std::string::npos);
  }
  emulator::limit_memory(0);
}

}  // namespace cce::test
