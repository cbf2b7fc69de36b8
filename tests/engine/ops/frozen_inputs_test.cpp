// Some inputs may need a gradient while others do not, in every combination.
#include <doctest/doctest.h>

#include <algorithm>

#include "engine/ops/ops.h"
#include "tests/gradcheck.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

struct Operation {
  const char* name;
  Function apply;
  std::vector<Shape> inputs;
};

GruOptions gru_options(const Tensor& initial_BH, ResetGate reset) {
  return {.initial_BH = initial_BH, .reset = reset};
}

/// All that take more than one tensor that can have a gradient.
std::vector<Operation> operations() {
  using In = std::vector<Tensor>;
  const Tensor offsets = ids({0, 3, 5}), targets = ids({2, 0, 6, 2, 5});
  const Tensor candidates = Tensor::from<int32_t>({5, 2}, {0, 1, 2, 2, 3, 4, 5, 6, 1, 0});
  const LabelSets labels{ids({0, 2, 2, 3}), ids({1, 4, 0})};
  const Tensor sets = ids({0, 1, 2, 1, 0});
  return {
      {"add", [](const Context& ctx, const In& in) { return add(ctx, in[0], in[1]); }, {{5, 7}, {5, 7}}},
      {"add a column",
       [](const Context& ctx, const In& in) { return add(ctx, in[0], in[1]); },
       {{5, 7}, {5, 1}}},
      {"subtract",
       [](const Context& ctx, const In& in) { return subtract(ctx, in[0], in[1]); },
       {{5, 7}, {5, 7}}},
      {"multiply",
       [](const Context& ctx, const In& in) { return multiply(ctx, in[0], in[1]); },
       {{5, 7}, {5, 7}}},
      {"linear",
       [](const Context& ctx, const In& in) { return linear(ctx, in[0], in[1], in[2]); },
       {{5, 4}, {7, 4}, {7}}},
      {"append_column",
       [](const Context& ctx, const In& in) { return append_column(ctx, in[0], in[1]); },
       {{5, 4}, {5}}},
      {"layer_norm",
       [](const Context& ctx, const In& in) { return layer_norm(ctx, in[0], in[1], in[2], 1e-12); },
       {{70, 4}, {4}, {4}}},
      {"gru, reset gate after",
       [=](const Context& ctx, const In& in) {
         return gru(ctx, in[0], in[1], offsets, gru_options(in[2], ResetGate::after));
       },
       {{5, 12}, {12, 4}, {2, 4}}},
      {"gru, reset gate before",
       [=](const Context& ctx, const In& in) {
         return gru(ctx, in[0], in[1], offsets, gru_options(in[2], ResetGate::before));
       },
       {{5, 12}, {12, 4}, {2, 4}}},
      {"attention",
       [=](const Context& ctx, const In& in) {
         return attention(ctx, in[0], in[1], in[2], offsets, {.heads = 2, .dropout = 0.3});
       },
       {{5, 4}, {5, 4}, {5, 4}}},
      {"candidate_scores",
       [=](const Context& ctx, const In& in) { return candidate_scores(ctx, in[0], in[1], candidates); },
       {{5, 4}, {7, 4}}},
      {"linear_cross_entropy",
       [=](const Context& ctx, const In& in) { return linear_cross_entropy(ctx, in[0], in[1], targets); },
       {{5, 4}, {7, 4}}},
      {"linear_multi_label",
       [=](const Context& ctx, const In& in) { return linear_multi_label(ctx, in[0], in[1], sets, labels); },
       {{5, 4}, {7, 4}}},
  };
}

/// The gradients of the inputs, of which those in the bit set `needed` need one.
std::vector<Tensor> gradients(const Operation& operation, unsigned needed) {
  Parallel parallel(2);
  Tape tape;
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < operation.inputs.size(); ++i) {
    inputs.push_back(random_tensor(operation.inputs[i], i).set_needs_grad((needed >> i & 1) != 0));
  }
  const Tensor y = operation.apply({.parallel = parallel, .tape = &tape, .training = true}, inputs);
  tape.backward(y, random_tensor(y.shape(), 999));
  std::vector<Tensor> result;
  for (const Tensor& input : inputs) result.push_back(input.grad());
  return result;
}

}  // namespace

TEST_CASE("an input's gradient is the same whichever other inputs need one, and those that do not get none") {
  for (const Operation& operation : operations()) {
    CAPTURE(operation.name);
    const unsigned all = (1u << operation.inputs.size()) - 1;
    const std::vector<Tensor> expected = gradients(operation, all);
    for (unsigned needed = 1; needed < all; ++needed) {
      CAPTURE(needed);
      const std::vector<Tensor> actual = gradients(operation, needed);
      for (size_t i = 0; i < actual.size(); ++i) {
        CAPTURE(i);
        REQUIRE(actual[i].defined() == ((needed >> i & 1) != 0));
        if (actual[i].defined())
          CHECK(std::ranges::equal(actual[i].span<double>(), expected[i].span<double>()));
      }
    }
  }
}

}  // namespace cce::test
