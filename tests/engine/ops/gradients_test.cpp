// Every differentiable operation against finite differences, in double.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops/ops.h"
#include "tests/gradcheck.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

constexpr double kTolerance = 1e-6;

Tensor input(const Shape& shape, uint64_t salt, double scale = 1) {
  return random_tensor(shape, salt, scale).set_needs_grad(true);
}

/// The gradient error of a function of one tensor.
double unary_error(Tensor (*op)(const Context&, const Tensor&), const Tensor& x) {
  return gradient_error([op](const Context& ctx, const std::vector<Tensor>& in) { return op(ctx, in[0]); },
                        {x});
}

double binary_error(Tensor (*op)(const Context&, const Tensor&, const Tensor&), const Tensor& a,
                    const Tensor& b) {
  return gradient_error(
      [op](const Context& ctx, const std::vector<Tensor>& in) { return op(ctx, in[0], in[1]); }, {a, b});
}

}  // namespace

TEST_CASE("gradients of the functions of one number are right") {
  // 37 elements: two full groups of sixteen and a rest.
  const Tensor x = input({37}, 1, 3);
  CHECK(unary_error(sigmoid, x) < kTolerance);
  CHECK(unary_error(log_sigmoid, x) < kTolerance);
  CHECK(unary_error(tanh, x) < kTolerance);
  CHECK(unary_error(exp, x) < kTolerance);
  CHECK(unary_error(square, x) < kTolerance);
  CHECK(unary_error(gelu, x) < kTolerance);
  CHECK(unary_error(elu, x) < kTolerance);
  CHECK(unary_error(relu, x) < kTolerance);
  const Tensor positive = input({37}, 2, 0.4);
  for (double& value : positive.span<double>()) value += 1;
  CHECK(unary_error(log, positive) < kTolerance);
}

TEST_CASE("gradients of sums, differences and products are right, for full operands and for columns") {
  const Tensor a = input({5, 7}, 3), b = input({5, 7}, 4), column = input({5, 1}, 5);
  for (const Tensor& other : {b, column}) {
    CHECK(binary_error(add, a, other) < kTolerance);
    CHECK(binary_error(subtract, a, other) < kTolerance);
    CHECK(binary_error(multiply, a, other) < kTolerance);
  }
  CHECK(gradient_error([](const Context& ctx, const auto& in) { return multiply(ctx, in[0], in[0]); }, {a}) <
        kTolerance);
  CHECK(gradient_error([](const Context& ctx, const auto& in) { return affine(ctx, in[0], -2.5, 3); }, {a}) <
        kTolerance);
}

TEST_CASE("gradients of reductions are right") {
  const Tensor x = input({6, 9}, 6), one = input({1, 1}, 7);
  CHECK(unary_error(sum, x) < kTolerance);
  CHECK(unary_error(mean, x) < kTolerance);
  CHECK(unary_error(row_sum, x) < kTolerance);
  CHECK(unary_error(row_softmax, x) < kTolerance);
  CHECK(unary_error(mean, one) < kTolerance);
}

TEST_CASE("gradients of linear are right, with and without bias, for one row and for many") {
  const auto f = [](const Context& ctx, const std::vector<Tensor>& in) {
    return linear(ctx, in[0], in[1], in.size() > 2 ? in[2] : Tensor());
  };
  CHECK(gradient_error(f, {input({13, 5}, 8), input({11, 5}, 9), input({11}, 10)}) < kTolerance);
  CHECK(gradient_error(f, {input({13, 5}, 8), input({11, 5}, 9)}) < kTolerance);
  CHECK(gradient_error(f, {input({1, 1}, 8), input({1, 1}, 9)}) < kTolerance);
}

TEST_CASE("gradients of embedding and select_rows are right, with repeated rows and a padding row") {
  const Tensor table = input({6, 4}, 11);
  const Tensor rows = ids({5, 0, 2, 2, 0, 1});
  CHECK(gradient_error([&](const Context& ctx, const auto& in) { return embedding(ctx, in[0], rows); },
                       {table}) < kTolerance);
  CHECK(gradient_error([&](const Context& ctx, const auto& in) { return select_rows(ctx, in[0], rows); },
                       {table}) < kTolerance);

  Parallel parallel(1);
  Tape tape;
  const Tensor y = embedding(Context{.parallel = parallel, .tape = &tape}, table, rows, 0);
  table.clear_grad();
  tape.backward(y);
  const auto grad = table.grad().span<double>();
  CHECK(grad[0] == 0);      // row 0 is padding
  CHECK(grad[2 * 4] == 2);  // row 2 was read twice
}

TEST_CASE("gradients of candidate_scores are right, with the same candidate several times") {
  const Tensor candidates = Tensor::from<int32_t>({3, 4}, {0, 4, 4, 1, 2, 0, 3, 3, 1, 1, 1, 1});
  const auto f = [&](const Context& ctx, const auto& in) {
    return candidate_scores(ctx, in[0], in[1], candidates);
  };
  CHECK(gradient_error(f, {input({3, 6}, 12), input({5, 6}, 13)}) < kTolerance);
}

TEST_CASE("gradients of append_column are right, and what is beyond the column is zero") {
  CHECK(binary_error(append_column, input({5, 7}, 25), input({5}, 26)) < kTolerance);
  CHECK(binary_error(append_column, input({300, 8}, 25), input({300}, 26)) < kTolerance);
  Parallel parallel(1);
  const Tensor x = Tensor::from<double>({1, 2}, {3, 4}), column = Tensor::from<double>({1}, {5});
  const Tensor wider = append_column({parallel}, x, column);
  const auto y = wider.span<double>();
  CHECK(std::vector<double>(y.begin(), y.end()) == std::vector<double>{3, 4, 5, 0, 0, 0, 0, 0});
  CHECK(append_column({parallel}, input({3, 64}, 25), input({3}, 26)).shape() == Shape{3, 72});
  CHECK_THROWS_AS(append_column({parallel}, x, input({2}, 26)), Error);
}

TEST_CASE("gradients of dropout are right for the mask it drew") {
  const auto f = [](const Context& ctx, const std::vector<Tensor>& in) {
    return dropout(ctx, in[0], 0.4, 2);
  };
  CHECK(gradient_error(f, {input({9, 11}, 14)}, /*training=*/true) < kTolerance);

  Parallel parallel(1);
  const Tensor x = input({9, 11}, 14);
  CHECK(dropout(Context{parallel}, x, 0.4, 2).is(x));  // outside of training nothing happens
}

TEST_CASE("gradients of layer_norm are right") {
  const auto f = [](const Context& ctx, const std::vector<Tensor>& in) {
    return layer_norm(ctx, in[0], in[1], in[2], 1e-12);
  };
  CHECK(gradient_error(f, {input({70, 10}, 15), input({10}, 16), input({10}, 17)}) < kTolerance);
  CHECK(gradient_error(f, {input({1, 3}, 15), input({3}, 16), input({3}, 17)}) < kTolerance);
}

TEST_CASE("gradients of gru are right, for groups of sequences and for sequences of length one") {
  const auto error = [](const std::vector<int32_t>& offsets, int64_t hidden) {
    const Tensor offsets_B1 = ids(offsets);
    const auto f = [&](const Context& ctx, const auto& in) { return gru(ctx, in[0], in[1], offsets_B1); };
    return gradient_error(f, {input({offsets.back(), 3 * hidden}, 18), input({3 * hidden, hidden}, 19)});
  };
  CHECK(error({0, 5, 8, 9}, 3) < kTolerance);
  CHECK(error({0, 1}, 1) < kTolerance);
  CHECK(error({0, 1, 2, 3}, 18) < kTolerance);  // 18 units: a group of sixteen and a rest
  std::vector<int32_t> many = {0, 4, 7};
  for (int i = 0; i < 31; ++i) many.push_back(many.back() + 1);  // 33 sequences: three groups
  CHECK(error(many, 2) < kTolerance);
}

TEST_CASE("states_before picks states by length, and its gradients are right") {
  const Tensor offsets = ids({0, 3, 5, 7, 7});
  const auto f = [&](const Context& ctx, const auto& in) { return states_before(ctx, in[0], offsets); };
  const Tensor states = input({3, 2}, 18);
  CHECK(gradient_error(f, {states}) < kTolerance);
  Parallel parallel(1);
  const Tensor y = f(Context{.parallel = parallel}, std::vector{states});
  const auto row = [](const Tensor& x, int64_t at) {
    return std::vector(x.data<double>() + 2 * at, x.data<double>() + 2 * at + 2);
  };
  CHECK(row(y, 0) == std::vector{0.0, 0.0});
  CHECK(row(y, 1) == row(states, 0));
  CHECK(row(y, 2) == row(states, 0));
  CHECK(row(y, 3) == row(states, 2));
  CHECK_THROWS_AS(states_before(Context{.parallel = parallel}, states, ids({0, 4})), Error);
}

TEST_CASE("gradients of attention are right, causal and bidirectional, with and without dropout") {
  const Tensor offsets = ids({0, 5, 8, 9, 10});
  for (const bool causal : {true, false}) {
    for (const double p : {0.0, 0.4}) {
      const AttentionOptions options{.heads = 2, .causal = causal, .dropout = p, .layer = 3};
      const auto f = [&](const Context& ctx, const auto& in) {
        return attention(ctx, in[0], in[1], in[2], offsets, options);
      };
      CHECK(gradient_error(f, {input({10, 6}, 22), input({10, 6}, 23), input({10, 6}, 24)}, true) <
            kTolerance);
    }
  }
}

TEST_CASE("gradients of operations on one tensor several times add up") {
  const Tensor offsets = ids({0, 5, 8, 9, 10});
  const auto alone = [](const Function& f) { return gradient_error(f, {input({10, 6}, 25)}, true); };
  CHECK(alone([&](const Context& ctx, const auto& in) {
          return attention(ctx, in[0], in[0], in[0], offsets, {.heads = 2, .dropout = 0.4, .layer = 3});
        }) < kTolerance);
  CHECK(alone([](const Context& ctx, const auto& in) { return multiply(ctx, in[0], in[0]); }) < kTolerance);
  CHECK(alone([](const Context& ctx, const auto& in) { return subtract(ctx, gelu(ctx, in[0]), in[0]); }) <
        kTolerance);
}

TEST_CASE("attention refuses to drop everything") {
  Parallel parallel(1);
  const Tensor x = input({2, 4}, 22);
  for (const double p : {1.0, -0.1, std::nan("")}) {
    CHECK_THROWS_AS(attention({.parallel = parallel, .training = true}, x, x, x, ids({0, 2}), {.dropout = p}),
                    Error);
    CHECK_THROWS_AS(dropout({.parallel = parallel, .training = true}, x, p, 0), Error);
  }
}

TEST_CASE("gradients of linear_cross_entropy are right, also with scores that need a shift") {
  const Tensor targets = ids({2, 0, 6, 2, 5});
  const auto f = [&](const Context& ctx, const auto& in) {
    return linear_cross_entropy(ctx, in[0], in[1], targets);
  };
  CHECK(gradient_error(f, {input({5, 4}, 20), input({7, 4}, 21)}) < kTolerance);
  CHECK(gradient_error(f, {input({5, 4}, 20, 8), input({7, 4}, 21, 8)}) < kTolerance);
  const auto one = [](const Context& ctx, const auto& in) {
    return linear_cross_entropy(ctx, in[0], in[1], ids({0}));
  };
  CHECK(gradient_error(one, {input({1, 4}, 20), input({2, 4}, 21)}) < kTolerance);
}

}  // namespace cce::test
