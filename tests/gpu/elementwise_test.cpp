// The operations on single numbers, on both devices.
#include <doctest/doctest.h>

#include "engine/ops/ops.h"
#include "tests/gpu/same_on_both.h"

namespace cce::test {
namespace {

using In = std::vector<Tensor>;
constexpr int64_t kSeveralBlocks = 700;  // and a part of one

}  // namespace

TEST_CASE("gpu: functions of one number") {
  using Op = Tensor (*)(const Context&, const Tensor&);
  const Tensor x = random_floats({kSeveralBlocks}, 1, 3);
  for (const Op op :
       {Op{sigmoid}, Op{log_sigmoid}, Op{tanh}, Op{exp}, Op{square}, Op{relu}, Op{gelu}, Op{elu}}) {
    CHECK(gpu_error([op](const Context& ctx, const In& in) { return op(ctx, in[0]); }, {x}) < kRounding);
  }
  const Tensor positive = random_floats({kSeveralBlocks}, 2, 0.4);
  for (float& value : positive.span<float>()) value += 1;
  CHECK(gpu_error([](const Context& ctx, const In& in) { return log(ctx, in[0]); }, {positive}) < kRounding);
}

TEST_CASE("gpu: sums, differences and products, of full operands and of columns") {
  using Op = Tensor (*)(const Context&, const Tensor&, const Tensor&);
  const Tensor a = random_floats({19, 37}, 3), b = random_floats({19, 37}, 4),
               column = random_floats({19, 1}, 5);
  for (const Op op : {Op{add}, Op{subtract}, Op{multiply}}) {
    const auto f = [op](const Context& ctx, const In& in) { return op(ctx, in[0], in[1]); };
    CHECK(gpu_error(f, {a, b}) < kRounding);
    CHECK(gpu_error(f, {a, column}) < kRounding);
  }
  CHECK(gpu_error([](const Context& ctx, const In& in) { return multiply(ctx, in[0], in[0]); }, {a}) <
        kRounding);
  CHECK(gpu_error([](const Context& ctx, const In& in) { return affine(ctx, in[0], -2.5, 3); }, {a}) <
        kRounding);
}

}  // namespace cce::test
