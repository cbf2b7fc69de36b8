// What the check of gradients must not let pass.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops/ops.h"
#include "tests/gradcheck.h"

namespace cce::test {
namespace {

/// x^2 with the derivative `slope` * x.
Function square_with_slope(double slope) {
  return [slope](const Context& ctx, const std::vector<Tensor>& in) {
    const Tensor x = in[0];
    Tensor y = square({ctx.parallel}, x);
    if (ctx.records({x})) {
      ctx.record("square", y, [x, slope](const Tensor& dy) {
        for (int64_t i = 0; i < x.size(); ++i) {
          x.grad_to_add().data<double>()[i] += slope * x.data<double>()[i] * dy.data<double>()[i];
        }
      });
    }
    return y;
  };
}

/// x^2 whose derivative is right where it is added to what is there, and no number where it is written.
Tensor square_that_cannot_be_written(const Context& ctx, const std::vector<Tensor>& in) {
  const Tensor x = in[0];
  Tensor y = square({ctx.parallel}, x);
  if (ctx.records({x})) {
    ctx.record("square", y, [x](const Tensor& dy) {
      const Tensor::GradSink dx = x.grad_sink();
      for (int64_t i = 0; i < x.size(); ++i) {
        double& sum = dx.grad.data<double>()[i];
        sum = dx.add ? sum + 2 * x.data<double>()[i] * dy.data<double>()[i] : std::nan("");
      }
    });
  }
  return y;
}

}  // namespace

TEST_CASE("gradient_error is small for a right derivative and large for a wrong one") {
  const Tensor x = random_tensor({5}, 1).set_needs_grad(true);
  CHECK(gradient_error(square_with_slope(2), {x}) < 1e-8);
  CHECK(gradient_error(square_with_slope(2.01), {x}) == doctest::Approx(0.005).epsilon(1e-3).scale(0));
  CHECK(gradient_error(square_with_slope(0), {x}) == doctest::Approx(1));
}

TEST_CASE("gradient_error is infinite where a number is not finite") {
  const Tensor x = random_tensor({5}, 1).set_needs_grad(true);
  CHECK(std::isinf(gradient_error(square_with_slope(std::nan("")), {x})));
  CHECK(std::isinf(gradient_error(square_that_cannot_be_written, {x})));
  x.data<double>()[3] = std::nan("");
  CHECK(std::isinf(gradient_error(square_with_slope(2), {x})));
}

TEST_CASE("gradient_error refuses to check nothing") {
  const Tensor x = random_tensor({5}, 1), none = Tensor::zeros({0}, DType::f64).set_needs_grad(true);
  CHECK_THROWS_AS(gradient_error(square_with_slope(2), {x}), Error);
  CHECK_THROWS_WITH_AS(gradient_error(square_with_slope(2), {none}),
                       "[gradient_error] no input has a gradient to check", Error);
}

TEST_CASE("relative_error is infinite where shapes differ or a number is not finite") {
  const Tensor a = Tensor::from<double>({2}, {1, -4}), b = Tensor::from<double>({2}, {1.5, -4});
  CHECK(relative_error(a, a) == 0);
  CHECK(relative_error(b, a) == 0.125);
  CHECK(std::isinf(relative_error(a, Tensor::from<double>({1}, {1}))));
  CHECK(std::isinf(relative_error(a, Tensor::from<double>({2}, {1, std::nan("")}))));
}

}  // namespace cce::test
