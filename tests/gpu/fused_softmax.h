// What the fused softmax cross-entropy is measured by: the CPU's operation in double, of numbers that are
// rounded as the precision says.
#pragma once

#include "engine/device.h"
#include "tests/gpu/same_on_both.h"

namespace cce::test {

/// Products on the GPU round like this as long as it lives.
struct WithPrecision {
  explicit WithPrecision(Precision precision) { set_gpu_precision(precision); }
  ~WithPrecision() { set_gpu_precision(Precision::fp32); }
};

struct SoftmaxResult {
  double loss = 0;
  Tensor dx_PD, dtable_ID;
};

/// Inputs on the CPU, float32, and targets among which some items occur often.
struct SoftmaxInputs {
  Tensor x_PD, table_ID, targets_P;
};
SoftmaxInputs softmax_inputs(int64_t rows, int64_t width, int64_t items, double scale);

/// In double on the CPU, after rounding x and table.
SoftmaxResult exact_softmax(const SoftmaxInputs& inputs, Precision rounding);

/// The most that rounding to the nearest changes, relative to the number: half of the distance from 1 to the
/// next one, of numbers with 7 (bf16), 10 (tf32) or 23 bits behind the point.
double unit_roundoff(Precision precision);
/// The largest error that a gradient may have: the softmax (at most 1) is rounded once, and is a factor of
/// it. In full precision kRounding.
double gradient_tolerance(Precision precision);

}  // namespace cce::test
