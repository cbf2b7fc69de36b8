#include "tests/gpu/fused_softmax.h"

#include <bit>

#include "engine/ops/ops.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

/// To the nearest number with `bits` bits behind the point; ties, which random numbers do not have, away from
/// zero.
float rounded(float x, int bits) {
  const uint32_t last = 1u << (23 - bits);
  return std::bit_cast<float>((std::bit_cast<uint32_t>(x) + last / 2) & ~(last - 1));
}

Tensor rounded_in_double(const Tensor& x, Precision precision) {
  const Tensor copy = x.to(DType::f64);
  for (double& value : copy.span<double>()) {
    if (precision == Precision::tf32) value = static_cast<double>(rounded(static_cast<float>(value), 10));
    if (precision == Precision::bf16) value = static_cast<double>(rounded(static_cast<float>(value), 7));
  }
  return copy;
}

}  // namespace

SoftmaxInputs softmax_inputs(int64_t rows, int64_t width, int64_t items, double scale) {
  std::vector<int32_t> targets;
  for (int64_t row = 0; row < rows; ++row)
    targets.push_back(static_cast<int32_t>(row % 3 == 0 ? items - 1 : row * 131 % items));
  return {random_floats({rows, width}, 51, scale), random_floats({items, width}, 52, scale), ids(targets)};
}

SoftmaxResult exact_softmax(const SoftmaxInputs& inputs, Precision rounding) {
  Parallel parallel(2);
  Tape tape;
  Tensor x = rounded_in_double(inputs.x_PD, rounding), table = rounded_in_double(inputs.table_ID, rounding);
  x.set_needs_grad(true), table.set_needs_grad(true);
  const Tensor loss = linear_cross_entropy({.parallel = parallel, .tape = &tape}, x, table, inputs.targets_P);
  tape.backward(loss);
  return {loss.item(), x.grad(), table.grad()};
}

double unit_roundoff(Precision precision) {
  return precision == Precision::bf16 ? 0x1p-8 : precision == Precision::tf32 ? 0x1p-11 : 0x1p-24;
}

double gradient_tolerance(Precision precision) {
  return precision == Precision::fp32 ? kRounding : unit_roundoff(precision);
}

}  // namespace cce::test
