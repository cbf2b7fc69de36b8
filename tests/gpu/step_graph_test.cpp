// Steps that are captured as CUDA graphs, once for each kind, and started again.
#include "engine/step_graph.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "engine/ops/ops.h"
#include "tests/gpu/same_on_both.h"
#include "tests/gpu/tiny_trainings.h"
#include "tests/tensors.h"

#if defined(CCE_CUDA_EMULATED)
#include "tests/emulator/emulator.h"
#endif

namespace cce::test {
namespace {

struct WithGraphs {
  WithGraphs() { setenv("CCE_CUDA_GRAPHS", "1", 1); }
  ~WithGraphs() { unsetenv("CCE_CUDA_GRAPHS"); }
};

/// What a test step leaves behind: the mean of the first rows of x w^T w.
void step(Parallel& parallel, Device device, const StepGraph::Inputs& in, const StepNumbers* numbers,
          const Tensor& result) {
  const Context ctx{.parallel = parallel, .device = device, .numbers = numbers};
  const Tensor y = linear(ctx, linear(ctx, in[0], in[1], {}), in[2], {});
  result.copy_from(mean(ctx, y));
}

double expected(Parallel& parallel, const StepGraph::Inputs& in, int64_t rows) {
  const Context ctx{.parallel = parallel};
  std::vector<int32_t> first;
  for (int32_t row = 0; row < rows; ++row) first.push_back(row);
  const Tensor result = Tensor::empty({});
  step(parallel, Device::cpu, {select_rows(ctx, in[0], ids(first)), in[1], in[2]}, nullptr, result);
  return result.item();
}

/// Inputs of so many rows, other ones for another salt.
StepGraph::Inputs inputs(int64_t rows, uint64_t salt) {
  return {random_floats({rows, 6}, salt), random_floats({4, 6}, salt + 1), random_floats({6, 4}, salt + 2)};
}

/// Takes memory of all sizes that a small step may use, and fills it with what would be noticed.
void use_memory() {
  for (int64_t size = 1; size < 1 << 16; size += size / 9 + 1) {
    Tensor taken[3];
    for (Tensor& tensor : taken) {
      tensor = Tensor::empty({size}, DType::f32, Device::cuda);
      fill_on_gpu(tensor.data<float>(), size, std::numeric_limits<float>::quiet_NaN());
    }
  }
}

}  // namespace

TEST_CASE("a step graph on the CPU is just the work") {
  const WithGraphs wanted;
  StepGraph graph(Device::cpu);
  CHECK(!graph.captures());
  const Tensor x = random_floats({3}, 1);
  int calls = 0;
  for (int time = 0; time < 4; ++time) {
    graph.run({x, {}}, {}, {}, [&](const StepGraph::Inputs& there, const StepNumbers* numbers) {
      CHECK(there[0].is(x));
      CHECK(!there[1].defined());
      CHECK(numbers == nullptr);
      ++calls;
    });
  }
  CHECK(calls == 4);
}

TEST_CASE("gpu: steps of several kinds are captured once each, and compute what they say ever after") {
  const WithGraphs wanted;
  StepGraph graph(Device::cuda);
  CHECK(graph.captures());
  Parallel parallel(1);
  const Tensor result = Tensor::zeros({}, DType::f32, Device::cuda);
  int calls = 0;
  for (uint64_t time = 0; time < 6; ++time) {
    for (const int64_t rows : {9, 900, 7}) {
      const StepGraph::Inputs in = inputs(rows, 10 * time);
      const int64_t in_use = rows - static_cast<int64_t>(time);
      graph.run(in, {}, {.rows = static_cast<int32_t>(in_use)},
                [&](const StepGraph::Inputs& there, const StepNumbers* numbers) {
                  step(parallel, Device::cuda, there, numbers, result);
                  ++calls;
                });
      CHECK(result.item() == doctest::Approx(expected(parallel, in, in_use)).epsilon(kRounding));
      use_memory();
    }
  }
  CHECK(calls == 6);  // three kinds: once as it is, once captured
}

TEST_CASE("gpu: captured steps that read as much but make other sizes are of other kinds") {
  const WithGraphs wanted;
  StepGraph graph(Device::cuda);
  const Tensor x = random_floats({64}, 1);
  const Tensor result = Tensor::zeros({64}, DType::f32, Device::cuda);
  int calls = 0;
  for (int time = 0; time < 4; ++time) {
    for (const int64_t size : {8, 40}) {
      zero_bytes(Device::cuda, result.data<float>(), 64 * 4);
      graph.run({x}, {size}, {}, [&](const StepGraph::Inputs& there, const StepNumbers*) {
        copy_bytes(Device::cuda, result.data<float>(), Device::cuda, there[0].data<float>(), size * 4);
        ++calls;
      });
      const Tensor made = result.to(Device::cpu);
      for (int64_t i = 0; i < 64; ++i) CHECK(made.data<float>()[i] == (i < size ? x.data<float>()[i] : 0));
    }
  }
  CHECK(calls == 4);  // two kinds: once as it is, once captured
}

TEST_CASE("gpu: more kinds of steps than are kept, the oldest of which are captured again") {
  const Unguarded unguarded;
  const WithGraphs wanted;
  StepGraph graph(Device::cuda);
  Parallel parallel(1);
  const Tensor result = Tensor::zeros({}, DType::f32, Device::cuda);
  int calls = 0;
  const auto run = [&](int64_t rows, uint64_t salt) {
    const StepGraph::Inputs in = inputs(rows, salt);
    graph.run(in, {}, {.rows = static_cast<int32_t>(rows)},
              [&](const StepGraph::Inputs& there, const StepNumbers* numbers) {
                step(parallel, Device::cuda, there, numbers, result);
                ++calls;
              });
    CHECK(result.item() == doctest::Approx(expected(parallel, in, rows)).epsilon(kRounding));
  };
  for (int64_t rows = 1; rows <= 40; ++rows) {
    for (uint64_t time = 0; time < 3; ++time) run(rows, time);
    run(1, 7);  // is used all the time, hence kept
  }
  CHECK(calls == 80);
  run(2, 3);  // is not any more
  run(40, 3);
  CHECK(calls == 81);
}

TEST_CASE("gpu: a captured step that waits for the GPU, or copies to it, is refused, but not the next") {
  const WithGraphs wanted;
  StepGraph graph(Device::cuda);
  const Tensor x = random_floats({5}, 1), w = random_floats({5}, 2).to(Device::cuda);
  const Tensor y = Tensor::zeros({5}, DType::f32, Device::cuda);
  const auto run = [&](const std::function<void(const Tensor&)>& work) {
    graph.run({x}, {}, {}, [&](const StepGraph::Inputs& there, const StepNumbers*) { work(there[0]); });
  };
  run([](const Tensor&) {});
  CHECK_THROWS_WITH_AS(run([](const Tensor& there) { there.to(Device::cpu); }),
                       doctest::Contains("unset CCE_CUDA_GRAPHS"), Error);
  CHECK_THROWS_WITH_AS(run([&](const Tensor&) { y.copy_from(x); }),
                       doctest::Contains("unset CCE_CUDA_GRAPHS"), Error);
  run([&](const Tensor& there) { y.copy_from(there); });
  CHECK(relative_error(y.to(Device::cpu), x) == 0);
}

#if defined(CCE_CUDA_EMULATED)
TEST_CASE("gpu: memory that a captured step lacks is told with the way out") {
  const WithGraphs wanted;
  StepGraph graph(Device::cuda);
  const auto run = [&] {
    graph.run({}, {}, {}, [](const StepGraph::Inputs&, const StepNumbers*) {
      Tensor::zeros({3 << 20}, DType::f32, Device::cuda);
    });
  };
  run();
  emulator::limit_memory(1 << 20);
  CHECK_THROWS_WITH_AS(run(), doctest::Contains("unset CCE_CUDA_GRAPHS"), Error);
  emulator::limit_memory(0);
  run();
}
#endif

}  // namespace cce::test
