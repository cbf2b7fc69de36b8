// Operations that read the numbers of a step from the GPU's memory instead of being told them.
#include "engine/step_numbers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "engine/ops/ops.h"
#include "engine/optim.h"
#include "engine/step_losses.h"
#include "tests/gpu/fused_softmax.h"
#include "tests/gpu/same_on_both.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

using In = std::vector<Tensor>;

/// The first rows of x.
Tensor first_rows(const Tensor& x, int64_t rows) {
  const int64_t cols = x.size() / x.shape()[0];
  const Tensor first =
      x.shape().rank() == 1 ? Tensor::empty({rows}, x.dtype()) : Tensor::empty({rows, cols}, x.dtype());
  if (x.dtype() == DType::i32) {
    std::copy_n(x.data<int32_t>(), rows * cols, first.data<int32_t>());
  } else {
    std::copy_n(x.data<float>(), rows * cols, first.data<float>());
  }
  return first;
}

/// What a function computes with: kernels of this project, in which a row's numbers do not depend on how many
/// rows there are, or products of cuBLAS, which chooses by size how it adds up (emulated, it adds up one
/// way).
enum class Uses { own_kernels, products };

/// That only the first `rows` rows of the inputs 0 .. by_row-1 count in f: the result is what it is of those
/// alone, on the CPU within `tolerance` and on the GPU to the last bit, or where products forbid that, within
/// `tolerance`, too; so are gradients, which for the other rows stay what they were (compute_on() begins with
/// 0.25).
void check_rows_in_use(const Function& f, const In& inputs, size_t by_row, int64_t rows, double tolerance,
                       [[maybe_unused]] Uses uses) {
#if defined(CCE_CUDA_EMULATED)
  const bool same_bits = true;
#else
  const bool same_bits = uses == Uses::own_kernels;
#endif
  const auto check_alone = [&](const Tensor& of_some, const Tensor& of_those_alone) {
    const double error = relative_error(of_some, of_those_alone);
    if (same_bits) {
      CHECK(error == 0);
    } else {
      CHECK(error < tolerance);
    }
  };
  In fewer = inputs;
  for (size_t i = 0; i < by_row; ++i) fewer[i] = first_rows(inputs[i], rows);
  if (inputs.back().dtype() == DType::i32) fewer.back() = first_rows(inputs.back(), rows);
  const Computed expected = compute_on(Device::cpu, f, fewer);
  const Computed alone = compute_on(Device::cuda, f, fewer);
  const Computed some = compute_with_numbers({.rows = static_cast<int32_t>(rows)}, f, inputs);
  CHECK(relative_error(some.output, expected.output) < tolerance);
  check_alone(some.output, alone.output);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].dtype() == DType::i32) continue;
    Tensor gradient = some.gradients[i];
    if (i < by_row) {
      const auto others = gradient.span<float>().subspan(static_cast<size_t>(fewer[i].size()));
      CHECK(!others.empty());
      CHECK(std::ranges::all_of(others, [](float g) { return g == 0.25F; }));
      gradient = first_rows(gradient, rows);
    }
    CHECK(relative_error(gradient, expected.gradients[i]) < tolerance);
    check_alone(gradient, alone.gradients[i]);
  }
}

/// Where the softmax is fused, see engine/ops/linear_cross_entropy.cu.
Uses used_by_softmax(int64_t width, int64_t items, Precision precision) {
  const bool fused = width % 4 == 0 && width <= 128 && (precision != Precision::fp32 || items > 49152);
  return fused ? Uses::own_kernels : Uses::products;
}

}  // namespace

TEST_CASE("gpu: sum and mean are of the rows that count, and the others have no gradient") {
  for (const auto total : {&sum, &mean}) {
    const auto f = [total](const Context& ctx, const In& in) { return total(ctx, in[0]); };
    for (const Shape& shape : {Shape{384}, Shape{384, 1}, Shape{384, 5}}) {
      for (const int64_t rows : {1, 257, 383}) {
        check_rows_in_use(f, {random_floats(shape, 1)}, 1, rows, kRounding, Uses::own_kernels);
      }
    }
  }
}

TEST_CASE("gpu: several losses of a step have each their own rows that count") {
  const NumbersOnGpu now({.rows = 3});
  const Tensor others = ids({2}).to(Device::cuda),
               x = Tensor::from<float>({4}, {1, 2, 4, 8}).to(Device::cuda);
  Parallel parallel(1);
  const Context ctx{.parallel = parallel, .device = Device::cuda, .numbers = now.get()};
  CHECK(sum(ctx, x).item() == 7);
  CHECK(sum(ctx.counting(others.data<int32_t>()), x).item() == 3);
  CHECK(sum(ctx.counting(nullptr), x).item() == 7);
}

TEST_CASE("gpu: the binary cross-entropy over many labels is of the rows that count, in chunks, too") {
  const auto f = [](const Context& ctx, const In& in) {
    return linear_multi_label(ctx, in[0], in[1], in[4], {in[2], in[3]});
  };
  std::vector<int32_t> sets(128);
  for (size_t row = 0; row < sets.size(); ++row) sets[row] = static_cast<int32_t>(row % 3);
  for (const auto& [labels, rows] :
       {std::pair<int64_t, int64_t>{40, 97}, {40, 1}, {60000, 110}, {60000, 3}}) {  // one chunk, and two
    In in{random_floats({128, 2}, 1), random_floats({labels, 2}, 2), ids({0, 2, 2, 5}),
          ids({1, 30, 0, 39, 4}), ids(sets)};
    std::fill_n(in[0].data<float>() + rows * 2, (128 - rows) * 2, 1e30F);  // whatever is in the others
    check_rows_in_use(f, in, 1, rows, kRounding, Uses::products);
  }
}

TEST_CASE("gpu: the softmax cross-entropy is of the rows that count, in chunks and fused, in any precision") {
  const auto f = [](const Context& ctx, const In& in) {
    return linear_cross_entropy(ctx, in[0], in[1], in[2]);
  };
  struct Sizes {
    int64_t rows, in_use, width, items;
  };
  // One chunk, two that both have rows that count, and the fused one, in all its widths.
  for (const Sizes& s :
       {Sizes{128, 97, 6, 40}, Sizes{128, 110, 2, 60000}, Sizes{128, 3, 2, 60000}, Sizes{128, 70, 4, 49200},
        Sizes{256, 200, 64, 90}, Sizes{128, 60, 80, 70}, Sizes{128, 1, 128, 65}}) {
    for (const Precision precision : {Precision::fp32, Precision::tf32, Precision::bf16}) {
      if (precision != Precision::fp32 && s.items > 1000) continue;  // takes long
      CAPTURE(s.items);
      CAPTURE(s.in_use);
      CAPTURE(static_cast<int>(precision));
      const WithPrecision scope(precision);
      const SoftmaxInputs in = softmax_inputs(s.rows, s.width, s.items, 0.5);
      const double tolerance = precision == Precision::fp32 ? kRounding : 16 * unit_roundoff(precision);
      check_rows_in_use(f, {in.x_PD, in.table_ID, in.targets_P}, 1, s.in_use, tolerance,
                        used_by_softmax(s.width, s.items, precision));
    }
  }
}

TEST_CASE("gpu: rows that do not count may have any scores") {
  const auto f = [](const Context& ctx, const In& in) {
    return linear_cross_entropy(ctx, in[0], in[1], in[2]);
  };
  for (const Precision precision : {Precision::fp32, Precision::tf32, Precision::bf16}) {
    const WithPrecision scope(precision);
    const SoftmaxInputs in = softmax_inputs(128, 64, 90, 0.5);
    std::fill_n(in.x_PD.data<float>() + 100 * 64, 28 * 64, 300.0F);  // exp() of their scores overflows
    const double tolerance = precision == Precision::fp32 ? kRounding : 16 * unit_roundoff(precision);
    check_rows_in_use(f, {in.x_PD, in.table_ID, in.targets_P}, 1, 100, tolerance,
                      used_by_softmax(64, 90, precision));
  }
}

TEST_CASE("gpu: dropout draws with the step that stands in memory") {
  const auto plain = [](const Context& ctx, const In& in) { return dropout(ctx, in[0], 0.5, 2); };
  const auto of_attention = [](const Context& ctx, const In& in) {
    return attention(ctx, in[0], in[0], in[0], in[1], {.heads = 2, .dropout = 0.4, .layer = 3});
  };
  const In x{random_floats({40, 8}, 1)}, sequences{random_floats({40, 8}, 1), ids({0, 33, 40})};
  for (const auto& [f, in] : {std::pair<Function, In>{plain, x}, {of_attention, sequences}}) {
    const Computed told = compute_on(Device::cuda, f, in, true);  // step 3
    CHECK(same_bytes(compute_with_numbers({.step = 3}, f, in, true), told));
    CHECK(!same_bytes(compute_with_numbers({.step = 4}, f, in, true), told));
  }
}

TEST_CASE("gpu: Adam reads its rates from memory") {
  const auto updated = [](bool from_memory) {
    Tensor w = random_floats({40}, 1).to(Device::cuda);
    w.set_needs_grad(true);
    Adam adam({{"w", w}}, {.lr = 0.1, .weight_decay = 0.1, .decoupled_decay = true});
    Parallel parallel(1);
    for (uint64_t step = 0; step < 3; ++step) {
      w.grad_to_add().copy_from(random_floats({40}, 2 + step));
      const Adam::Rates rates = adam.next(0.5);
      const NumbersOnGpu now({.lr = static_cast<float>(rates.lr),
                              .inverse_root_correction2 = static_cast<float>(rates.inverse_root_correction2),
                              .shrink = static_cast<float>(rates.shrink)});
      if (from_memory) {
        adam.update(parallel, {}, now.get());
      } else {
        adam.update(parallel, rates);
      }
    }
    CHECK(adam.steps() == 3);
    return w.to(Device::cpu);
  };
  CHECK(relative_error(updated(true), updated(false)) == 0);
}

TEST_CASE("gpu: a loss is kept at the place that stands in memory") {
  StepLosses losses(Device::cuda, 1);
  const std::vector<float> values{3, 4};
  for (const int64_t step : {0, 1}) CHECK(losses.begin(step, 1) == step);
  for (const int32_t place : {1, 0}) {
    const NumbersOnGpu now({.place = place});
    losses.keep({Tensor::from({}, std::vector<float>{values[static_cast<size_t>(place)]}).to(Device::cuda)},
                now.get());
  }
  const std::vector<StepLoss> taken = losses.take();
  CHECK(taken[0].numbers[0] == 3);
  CHECK(taken[1].numbers[0] == 4);
}

}  // namespace cce::test
