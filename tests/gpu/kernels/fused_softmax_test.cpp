// The fused softmax cross-entropy in all its shapes and precisions, by itself.
#include "engine/ops/linear_cross_entropy_fused.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "engine/random.h"
#include "tests/gpu/fused_softmax.h"
#include "tests/gpu/same_on_both.h"

namespace cce::test {
namespace {

constexpr Precision kPrecisions[] = {Precision::fp32, Precision::tf32, Precision::bf16};

SoftmaxResult fused(const SoftmaxInputs& inputs, Precision precision, bool differentiate = true,
                    const cuda::SoftmaxCut& cut = {}) {
  const Tensor x = inputs.x_PD.to(Device::cuda), table = inputs.table_ID.to(Device::cuda);
  const Tensor targets = inputs.targets_P.to(Device::cuda);
  const Tensor losses = Tensor::empty({x.rows()}, DType::f32, Device::cuda);
  SoftmaxResult result{0, Tensor::empty(x.shape(), DType::f32, Device::cuda),
                       Tensor::empty(table.shape(), DType::f32, Device::cuda)};
  cuda::fused_softmax(
      precision,
      {x.rows(), x.cols(), table.rows(), nullptr, x.data<float>(), table.data<float>(),
       targets.data<int32_t>(), losses.data<float>(), differentiate ? result.dx_PD.data<float>() : nullptr,
       differentiate ? result.dtable_ID.data<float>() : nullptr},
      cut);
  const Tensor here = losses.to(Device::cpu);
  const auto numbers = here.span<float>();
  result.loss = std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
  result.dx_PD = result.dx_PD.to(Device::cpu), result.dtable_ID = result.dtable_ID.to(Device::cpu);
  return result;
}

/// A softmax of scores of size `largest_score` cannot be more exact than float32 is there; nor can its loss
/// on tensor cores, which cut off bits where they add up.
void check_near(const SoftmaxResult& result, const SoftmaxResult& exact, Precision precision,
                double largest_score = 0) {
  const double tolerance = gradient_tolerance(precision) + 2 * unit_roundoff(Precision::fp32) * largest_score;
  const bool cut_off = largest_score > 0 && precision != Precision::fp32;
  CHECK(result.loss == doctest::Approx(exact.loss).epsilon(cut_off ? 4e-6 : 1e-6));
  CHECK(relative_error(result.dx_PD, exact.dx_PD) < tolerance);
  CHECK(relative_error(result.dtable_ID, exact.dtable_ID) < tolerance);
}

void check_exact(const SoftmaxInputs& inputs, const SoftmaxResult& result, Precision precision,
                 double largest_score = 0) {
  check_near(result, exact_softmax(inputs, precision), precision, largest_score);
}

bool same_bytes(const SoftmaxResult& a, const SoftmaxResult& b) {
  return a.loss == b.loss && std::ranges::equal(a.dx_PD.span<float>(), b.dx_PD.span<float>()) &&
         std::ranges::equal(a.dtable_ID.span<float>(), b.dtable_ID.span<float>());
}

}  // namespace

TEST_CASE("gpu: the fused softmax for all widths, and rows and items that fill no tile") {
  struct Sizes {
    int64_t rows, width, items;
  };
  for (const Precision precision : kPrecisions) {
    for (const Sizes& sizes :
         {Sizes{1, 4, 3}, Sizes{5, 64, 64}, Sizes{130, 64, 300}, Sizes{129, 60, 65}, Sizes{70, 72, 131},
          Sizes{65, 80, 129}, Sizes{67, 128, 333}, Sizes{33, 100, 31}}) {
      CAPTURE(static_cast<int>(precision));
      CAPTURE(sizes.rows);
      CAPTURE(sizes.width);
      CAPTURE(sizes.items);
      const SoftmaxInputs inputs = softmax_inputs(sizes.rows, sizes.width, sizes.items, 0.5);
      check_exact(inputs, fused(inputs, precision), precision);
    }
  }
}

TEST_CASE("gpu: the fused softmax of one item, of which nothing is left to learn") {
  for (const Precision precision : kPrecisions) {
    const SoftmaxResult result = fused(softmax_inputs(3, 8, 1, 1), precision);
    CHECK(result.loss == 0);
    CHECK(std::ranges::all_of(result.dx_PD.span<float>(), [](float x) { return x == 0; }));
    CHECK(std::ranges::all_of(result.dtable_ID.span<float>(), [](float x) { return x == 0; }));
  }
}

TEST_CASE("gpu: the fused softmax cut into other parts and sections") {
  const SoftmaxInputs inputs = softmax_inputs(70, 64, 1000, 0.5);
  for (const Precision precision : kPrecisions) {
    for (const cuda::SoftmaxCut cut : {cuda::SoftmaxCut{1, 64}, {1, 128}, {3, 192}, {1, 1 << 15}}) {
      CAPTURE(cut.blocks);
      CAPTURE(cut.section);
      check_exact(inputs, fused(inputs, precision, true, cut), precision);
    }
  }
}

// Each bit that a tensor core cuts off makes a sum smaller, which shows where sums are long: over all of a
// section's items, and over all rows. (The emulation would take minutes, and rounds where tensor cores cut
// off.)
#if !defined(CCE_CUDA_EMULATED)
TEST_CASE("gpu: the fused softmax of so many items and rows that bits cut off would add up") {
  const SoftmaxInputs inputs = softmax_inputs(4096, 64, 40000, 0.5);
  for (const Precision precision : {Precision::tf32, Precision::bf16}) {
    const SoftmaxResult exact = exact_softmax(inputs, precision);
    for (const cuda::SoftmaxCut cut : {cuda::SoftmaxCut{}, {.blocks = 1}}) {
      CAPTURE(static_cast<int>(precision));
      CAPTURE(cut.blocks);
      check_near(fused(inputs, precision, true, cut), exact, precision);
    }
  }
}
#endif

TEST_CASE("gpu: the fused softmax of scores of +-10,000, of equal ones, and of a target far below") {
  for (const Precision precision : kPrecisions) {
    const SoftmaxInputs far = softmax_inputs(20, 64, 200, 35);
    SoftmaxInputs equal = softmax_inputs(20, 64, 200, 1);
    std::ranges::fill(equal.x_PD.span<float>(), 0.0F);
    check_exact(far, fused(far, precision), precision, 1e4);
    check_exact(equal, fused(equal, precision), precision);
    // Scores that rise with every item, so that all that was summed up is always to be made smaller.
    SoftmaxInputs rising = softmax_inputs(20, 64, 200, 1);
    for (int64_t item = 0; item < 200; ++item)
      std::fill_n(rising.table_ID.data<float>() + item * 64, 64, static_cast<float>(item));
    std::ranges::fill(rising.x_PD.span<float>(), 0.75F);
    check_exact(rising, fused(rising, precision), precision);
  }
}

TEST_CASE("gpu: the fused softmax repeats to the last bit, in whichever order threads start") {
  const SoftmaxInputs inputs = softmax_inputs(150, 64, 500, 0.5);
  for (const Precision precision : kPrecisions) {
    const SoftmaxResult first = fused(inputs, precision);
    for (int repeat = 0; repeat < 10; ++repeat) {
      change_order(repeat % 2 == 1);
      CHECK(same_bytes(fused(inputs, precision), first));
    }
    change_order(false);
    CHECK(fused(inputs, precision, /*differentiate=*/false).loss == first.loss);
  }
}

TEST_CASE("gpu: a NaN among the numbers comes out as one") {
  SoftmaxInputs inputs = softmax_inputs(5, 64, 70, 1);
  inputs.table_ID.data<float>()[65 * 64 + 3] = std::numeric_limits<float>::quiet_NaN();
  for (const Precision precision : kPrecisions) CHECK(std::isnan(fused(inputs, precision).loss));
}

}  // namespace cce::test
