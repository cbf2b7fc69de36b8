// The fused linear + softmax cross-entropy against its plain form: all scores, then log-sum-exp, in double.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/ops/ops.h"
#include "engine/random.h"
#include "tests/gradcheck.h"

namespace cce::test {
namespace {

struct Reference {
  double loss = 0;
  Tensor dx_PD, dtable_ID;
};

/// What linear_cross_entropy should give, straight from the definition.
Reference reference(const Tensor& x, const Tensor& table, const std::vector<int32_t>& targets) {
  const int64_t rows = x.rows(), width = x.cols(), items = table.rows();
  const Tensor xd = x.to(DType::f64), wd = table.to(DType::f64);
  Reference result{0, Tensor::zeros(x.shape(), DType::f64), Tensor::zeros(table.shape(), DType::f64)};
  for (int64_t p = 0; p < rows; ++p) {
    std::vector<double> scores(static_cast<size_t>(items));
    for (int64_t i = 0; i < items; ++i) {
      for (int64_t k = 0; k < width; ++k) {
        scores[static_cast<size_t>(i)] += xd.data<double>()[p * width + k] * wd.data<double>()[i * width + k];
      }
    }
    const double largest = *std::ranges::max_element(scores);
    double z = 0;
    for (const double score : scores) z += std::exp(score - largest);
    const int32_t target = targets[static_cast<size_t>(p)];
    result.loss += (largest + std::log(z) - scores[static_cast<size_t>(target)]) / static_cast<double>(rows);
    for (int64_t i = 0; i < items; ++i) {
      const double probability = std::exp(scores[static_cast<size_t>(i)] - largest) / z;
      const double d = (probability - (i == target ? 1 : 0)) / static_cast<double>(rows);
      for (int64_t k = 0; k < width; ++k) {
        result.dx_PD.data<double>()[p * width + k] += d * wd.data<double>()[i * width + k];
        result.dtable_ID.data<double>()[i * width + k] += d * xd.data<double>()[p * width + k];
      }
    }
  }
  return result;
}

struct Fused {
  double loss;
  Tensor dx_PD, dtable_ID;
};

Fused fused(const Tensor& x, const Tensor& table, const std::vector<int32_t>& targets, int threads = 2) {
  Parallel parallel(threads);
  Tape tape;
  const Context ctx{.parallel = parallel, .tape = &tape};
  const Tensor loss =
      linear_cross_entropy(ctx, x, table, Tensor::from({static_cast<int64_t>(targets.size())}, targets));
  x.clear_grad(), table.clear_grad();
  tape.backward(loss);
  return {loss.item(), x.grad(), table.grad()};
}

std::vector<int32_t> random_targets(int64_t rows, int64_t items) {
  RandomStream random(5, Purpose::test);
  std::vector<int32_t> targets;
  for (int64_t p = 0; p < rows; ++p)
    targets.push_back(static_cast<int32_t>(random.below(static_cast<uint32_t>(items))));
  return targets;
}

void check_against_reference(int64_t rows, int64_t width, int64_t items, double scale) {
  CAPTURE(rows);
  CAPTURE(width);
  CAPTURE(items);
  CAPTURE(scale);
  const Tensor x = random_tensor({rows, width}, 1, scale, DType::f32).set_needs_grad(true);
  const Tensor table = random_tensor({items, width}, 2, scale, DType::f32).set_needs_grad(true);
  const std::vector<int32_t> targets = random_targets(rows, items);
  const Reference expected = reference(x, table, targets);
  const Fused actual = fused(x, table, targets);
  CHECK(actual.loss == doctest::Approx(expected.loss).epsilon(1e-6));
  CHECK(relative_error(actual.dx_PD, expected.dx_PD) < 1e-5);
  CHECK(relative_error(actual.dtable_ID, expected.dtable_ID) < 1e-5);
}

}  // namespace

TEST_CASE("linear_cross_entropy agrees with the plain form in double within 1e-5") {
  check_against_reference(1, 64, 3, 0.5);
  check_against_reference(7, 64, 512, 0.5);     // exactly one block of items
  check_against_reference(100, 64, 1300, 0.5);  // three blocks, the last one partly filled, a panel, too
  check_against_reference(50, 20, 700, 0.5);    // a width that is no multiple of a vector
  check_against_reference(50, 1, 17, 2);
}

TEST_CASE("linear_cross_entropy works off more rows than fit one chunk") {
  check_against_reference(2200, 8, 1000, 0.5);
}

TEST_CASE("linear_cross_entropy stays finite and right for scores of +-1e4") {
  check_against_reference(40, 16, 600, 25);
}

TEST_CASE("linear_cross_entropy of equal scores is the logarithm of the number of items") {
  const Tensor x = Tensor::zeros({3, 4}), table = Tensor::zeros({1000, 4});
  Parallel parallel(1);
  const Tensor loss =
      linear_cross_entropy(Context{parallel}, x, table, Tensor::from<int32_t>({3}, {0, 1, 999}));
  CHECK(loss.item() == doctest::Approx(std::log(1000.0)).epsilon(1e-6));
}

TEST_CASE("linear_cross_entropy with a target far below the others is the distance to them") {
  const Tensor x = Tensor::from<float>({1, 1}, {100});
  const Tensor table = Tensor::from<float>({3, 1}, {100, 100, -100});
  Parallel parallel(1);
  const Tensor loss = linear_cross_entropy(Context{parallel}, x, table, Tensor::from<int32_t>({1}, {2}));
  CHECK(loss.item() == doctest::Approx(20000 + std::log(2.0)).epsilon(1e-6));
}

TEST_CASE("linear_cross_entropy gives the same bytes for any number of threads") {
  const Tensor x = random_tensor({300, 64}, 1, 0.5, DType::f32).set_needs_grad(true);
  const Tensor table = random_tensor({3000, 64}, 2, 0.5, DType::f32).set_needs_grad(true);
  const std::vector<int32_t> targets = random_targets(300, 3000);
  const Fused one = fused(x, table, targets, 1);
  for (const int threads : {2, 3, 8}) {
    const Fused more = fused(x, table, targets, threads);
    CHECK(more.loss == one.loss);
    CHECK(std::ranges::equal(more.dx_PD.span<float>(), one.dx_PD.span<float>()));
    CHECK(std::ranges::equal(more.dtable_ID.span<float>(), one.dtable_ID.span<float>()));
  }
}

TEST_CASE("linear_cross_entropy passes a NaN on to the loss") {
  const Tensor x = random_tensor({4, 8}, 1, 1, DType::f32), table = random_tensor({20, 8}, 2, 1, DType::f32);
  x.data<float>()[9] = std::nanf("");
  Parallel parallel(2);
  const Tensor loss =
      linear_cross_entropy(Context{parallel}, x, table, Tensor::from<int32_t>({4}, {1, 2, 3, 4}));
  CHECK(std::isnan(loss.item()));
}

TEST_CASE("linear_cross_entropy refuses what does not fit, by name") {
  Parallel parallel(1);
  const Context ctx{parallel};
  const Tensor x = Tensor::zeros({2, 4}), table = Tensor::zeros({5, 4});
  CHECK_THROWS_WITH_AS(
      linear_cross_entropy(ctx, x, Tensor::zeros({5, 3}), Tensor::from<int32_t>({2}, {0, 1})),
      "[linear_cross_entropy] expected a table of width 4, got shape (5, 3)", Error);
  CHECK_THROWS_WITH_AS(linear_cross_entropy(ctx, x, table, Tensor::from<int32_t>({2}, {0, 5})),
                       "[linear_cross_entropy] target 5 is not one of 5 items", Error);
}

}  // namespace cce::test
