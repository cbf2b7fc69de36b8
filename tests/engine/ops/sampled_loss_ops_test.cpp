// The operations that only the sampled losses need.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops/ops.h"
#include "tests/gradcheck.h"

namespace cce::test {
namespace {

Tensor input(const Shape& shape, uint64_t salt, double scale = 1) {
  return random_tensor(shape, salt, scale).set_needs_grad(true);
}

}  // namespace

TEST_CASE("gradients of row_log_sum_exp are right, for whole vectors, for a rest, and for one column") {
  const auto f = [](const Context& ctx, const auto& in) { return row_log_sum_exp(ctx, in[0]); };
  CHECK(gradient_error(f, {input({5, 9}, 1, 3)}) < 1e-6);
  CHECK(gradient_error(f, {input({1, 3}, 2)}) < 1e-6);
  CHECK(gradient_error(f, {input({4, 1}, 3)}) < 1e-6);
}

TEST_CASE("row_log_sum_exp is finite and right where exp overflows, and in float as in double") {
  Parallel parallel(2);
  const Context ctx{parallel};
  const Tensor huge = Tensor::from<double>({3, 2}, {1e4, 1e4, -1e4, 1e4, -1e9, -1e9});
  const Tensor sums = row_log_sum_exp(ctx, huge);
  const auto y = sums.span<double>();
  CHECK(y[0] == doctest::Approx(1e4 + std::log(2)));
  CHECK(y[1] == 1e4);
  CHECK(y[2] == doctest::Approx(-1e9));

  const Tensor x = random_tensor({40, 37}, 4, 20);
  CHECK(relative_error(row_log_sum_exp(ctx, x.to(DType::f32)), row_log_sum_exp(ctx, x)) < 1e-6);
}

TEST_CASE("ndcg_deltas are the changes of NDCG when the positive swaps places with a negative") {
  Parallel parallel(2);
  const Context ctx{parallel};
  const Tensor positive = Tensor::from<float>({2, 1}, {2, 1});
  const Tensor negative = Tensor::from<float>({2, 3}, {1, 3, 0, 1, 1, 1});
  const Tensor deltas = ndcg_deltas(ctx, positive, negative);
  const auto delta = deltas.span<float>();
  const auto gain = [](int rank) { return 1 / std::log2(rank + 2.0); };
  // Scores 3, 2 (the positive), 1, 0.
  CHECK(delta[0] == doctest::Approx(gain(1) - gain(2)));
  CHECK(delta[1] == doctest::Approx(gain(0) - gain(1)));
  CHECK(delta[2] == doctest::Approx(gain(1) - gain(3)));
  // All equal: the positive is last, at rank 3.
  CHECK(delta[3] == doctest::Approx(gain(0) - gain(3)));
  CHECK(delta[4] == doctest::Approx(gain(1) - gain(3)));
  CHECK(delta[5] == doctest::Approx(gain(2) - gain(3)));
  CHECK_THROWS_WITH(ndcg_deltas(ctx, negative, negative),
                    "[ndcg_deltas] expected one positive score for each of 2 rows, got shape (2, 3)");
}

}  // namespace cce::test
