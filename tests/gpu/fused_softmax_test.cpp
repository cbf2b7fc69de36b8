// The softmax cross-entropy where tensor cores compute it, which rounds, and where there are so many items
// that it is fused in full precision, too.
#include "tests/gpu/fused_softmax.h"

#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops/ops.h"

namespace cce::test {
namespace {

using In = std::vector<Tensor>;

Tensor softmax(const Context& ctx, const In& in) {
  return linear_cross_entropy(ctx, in[0], in[1], in[2]);
}

}  // namespace

TEST_CASE("gpu: the softmax on tensor cores is exact for rounded numbers but for rounding probabilities") {
  for (const Precision precision : {Precision::tf32, Precision::bf16}) {
    const WithPrecision scope(precision);
    for (const int64_t width : {64, 72, 128}) {
      CAPTURE(width);
      CAPTURE(static_cast<int>(precision));
      const SoftmaxInputs inputs = softmax_inputs(131, width, 333, 0.5);
      const SoftmaxResult exact = exact_softmax(inputs, precision);
      Parallel parallel(1);
      Tape tape;
      Tensor x = inputs.x_PD.to(Device::cuda), table = inputs.table_ID.to(Device::cuda);
      x.set_needs_grad(true), table.set_needs_grad(true);
      const Context ctx{.parallel = parallel, .tape = &tape, .device = Device::cuda};
      const Tensor loss = linear_cross_entropy(ctx, x, table, inputs.targets_P.to(Device::cuda));
      tape.backward(loss);
      CHECK(loss.item() == doctest::Approx(exact.loss).epsilon(kRounding));
      CHECK(relative_error(x.grad().to(Device::cpu), exact.dx_PD) < gradient_tolerance(precision));
      CHECK(relative_error(table.grad().to(Device::cpu), exact.dtable_ID) < gradient_tolerance(precision));
    }
  }
}

TEST_CASE("gpu: the softmax on tensor cores repeats to the last bit, and rounds no more than it says") {
  for (const Precision precision : {Precision::tf32, Precision::bf16}) {
    const WithPrecision scope(precision);
    const SoftmaxInputs inputs = softmax_inputs(70, 64, 150, 1);
    // A score is a sum of 64 products of two rounded numbers; random ones partly cancel.
    const double score_error = std::sqrt(64) * 2 * unit_roundoff(precision);
    CHECK(gpu_error(softmax, {inputs.x_PD, inputs.table_ID, inputs.targets_P}) < 2 * score_error);
  }
}

TEST_CASE("gpu: the softmax over more items than a chunk of scores is for") {
  const SoftmaxInputs inputs = softmax_inputs(70, 4, 49200, 1);
  CHECK(gpu_error(softmax, {inputs.x_PD, inputs.table_ID, inputs.targets_P}) < kRounding);
}

}  // namespace cce::test
