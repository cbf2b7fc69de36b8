// Steps that are captured as CUDA graphs.
#include "engine/step_graph.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "engine/ops/ops.h"
#include "tests/gpu/same_on_both.h"

namespace cce::test {
namespace {

struct WithGraphs {
  WithGraphs() { setenv("CCE_CUDA_GRAPHS", "1", 1); }
  ~WithGraphs() { unsetenv("CCE_CUDA_GRAPHS"); }
};

}  // namespace

TEST_CASE("a step graph on the CPU is just the work") {
  const WithGraphs wanted;
  StepGraph graph(Device::cpu);
  int calls = 0;
  for (int step = 0; step < 3; ++step) graph.run([&] { ++calls; });
  CHECK(calls == 3);
}

TEST_CASE("gpu: captured steps of several sizes compute what they say") {
  const WithGraphs wanted;
  StepGraph graph(Device::cuda);
  Parallel parallel(1);
  const Context ctx{.parallel = parallel, .device = Device::cuda};
  for (const int64_t rows : {5, 9, 3, 4, 700, 5}) {  // the first is not captured
    const Tensor x = random_floats({rows, 6}, 1), w = random_floats({4, 6}, 2);
    const Tensor x_there = x.to(Device::cuda), w_there = w.to(Device::cuda);
    Tensor y;
    graph.run([&] {
      y = linear(ctx, x_there, w_there, {});
      for (int64_t i = 0; i < rows % 3; ++i) y = add(ctx, y, y);  // not always as many kernels
    });
    Tensor expected = linear({.parallel = parallel}, x, w, {});
    for (int64_t i = 0; i < rows % 3; ++i) expected = add({.parallel = parallel}, expected, expected);
    CHECK(relative_error(y.to(Device::cpu), expected) < kRounding);
  }
}

TEST_CASE("gpu: a captured step that waits for the GPU is refused, and the next may be captured") {
  const WithGraphs wanted;
  StepGraph graph(Device::cuda);
  const Tensor x = random_floats({5}, 1).to(Device::cuda);
  graph.run([] {});
  CHECK_THROWS_WITH_AS(graph.run([&] { x.to(Device::cpu); }), doctest::Contains("CCE_CUDA_GRAPHS"), Error);
  Tensor copy;
  graph.run([&] { copy = random_floats({5}, 2).to(Device::cuda); });
  CHECK(relative_error(copy.to(Device::cpu), random_floats({5}, 2)) == 0);
}

}  // namespace cce::test
