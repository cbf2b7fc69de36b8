// Parameters and their first values.
#include "layers/parameters.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/data/files.h"

namespace cce {
namespace {

/// What 200 x 300 first values are like.
struct Drawn {
  double mean = 0, deviation = 0, furthest = 0;
};
Drawn drawn(const Init& init) {
  Parameters parameters(7);
  const Tensor tensor = parameters.add("weight", {200, 300}, init);
  const auto values = tensor.span<float>();
  const auto count = static_cast<double>(values.size());
  Drawn result;
  for (const double value : values) {
    result.mean += value / count;
    result.furthest = std::max(result.furthest, std::abs(value));
  }
  for (const double value : values) result.deviation += std::pow(value - result.mean, 2) / count;
  result.deviation = std::sqrt(result.deviation);
  return result;
}

}  // namespace

TEST_CASE("First values have the distribution that they are asked for") {
  const Drawn normal = drawn(Init::normal(0.02)), xavier_normal = drawn(Init::xavier_normal());
  CHECK(normal.deviation == doctest::Approx(0.02).epsilon(0.02).scale(0));
  CHECK(normal.furthest > 3.5 * 0.02);
  CHECK(xavier_normal.deviation == doctest::Approx(std::sqrt(2.0 / 500)).epsilon(0.02).scale(0));
  CHECK(xavier_normal.furthest > 3.5 * std::sqrt(2.0 / 500));

  const Drawn uniform = drawn(Init::uniform(0.3)), xavier_uniform = drawn(Init::xavier_uniform());
  CHECK(uniform.furthest == doctest::Approx(0.3).epsilon(0.001).scale(0));
  CHECK(uniform.furthest <= 0.3F);
  CHECK(uniform.deviation == doctest::Approx(0.3 / std::sqrt(3)).epsilon(0.02).scale(0));
  CHECK(xavier_uniform.furthest == doctest::Approx(std::sqrt(6.0 / 500)).epsilon(0.001).scale(0));
  CHECK(xavier_uniform.deviation == doctest::Approx(std::sqrt(2.0 / 500)).epsilon(0.02).scale(0));

  for (const Drawn& random : {normal, xavier_normal, uniform, xavier_uniform})
    CHECK(std::abs(random.mean) < 0.02 * random.deviation);  // five standard deviations of the mean

  const Drawn constant = drawn(Init::constant(1.5));
  CHECK(constant.mean == doctest::Approx(1.5));
  CHECK(constant.deviation == doctest::Approx(0));
}

TEST_CASE("First values depend on seed and name, and are the same in float64") {
  const auto values_of = [](uint64_t seed, const char* name, DType dtype) {
    Parameters parameters(seed, dtype);
    const Tensor values = parameters.add(name, {3, 5}, Init::normal(1)).to(DType::f64);
    return std::vector<double>(values.span<double>().begin(), values.span<double>().end());
  };
  const auto values = values_of(1, "weight", DType::f32);
  CHECK(values_of(1, "weight", DType::f32) == values);
  CHECK(values_of(1, "weight", DType::f64) == values);
  CHECK(values_of(2, "weight", DType::f32) != values);
  CHECK(values_of(1, "bias", DType::f32) != values);
}

TEST_CASE("Parameters whose names hash alike do not begin with the same values") {
  const char* const first = "item_encoder.layer.196.intermediate.dense_2.weight";
  const char* const second = "item_encoder.layer.379.attention.query.weight";
  const auto values_of = [](const Tensor& tensor) {
    return std::vector<float>(tensor.span<float>().begin(), tensor.span<float>().end());
  };
  Parameters together(1), alone(1);
  const Tensor one = together.add(first, {4}, Init::normal(1)),
               other = together.add(second, {4}, Init::normal(1));
  CHECK(values_of(one) != values_of(other));
  CHECK(values_of(alone.add(second, {4}, Init::normal(1))) == values_of(one));  // so they do hash alike
}

TEST_CASE("Two parameters of one name are refused") {
  Parameters parameters(1);
  parameters.add("a.weight", {1}, Init::constant(0));
  CHECK(testing::message_of([&] { parameters.add("a.weight", {1}, Init::constant(0)); }) ==
        "[parameters] two are called a.weight");
}

}  // namespace cce
