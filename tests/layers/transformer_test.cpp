// The transformer, where only some of its rows are wanted.
#include "layers/transformer.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/gradcheck.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

struct Results {
  Tensor hidden_PD;
  std::vector<Tensor> gradients;
};

/// What two blocks say of rows 1, 3 and 6 of sequences of 4, 1 and 2 items, asked for these or for all.
Results results_of(bool norm_first, bool causal, bool ask_for_rows) {
  Parameters parameters(3, DType::f64);
  const Transformer transformer(parameters, 9, 4,
                                {.width = 6,
                                 .layers = 2,
                                 .heads = 2,
                                 .dropout = 0,
                                 .attention_dropout = 0,
                                 .norm_first = norm_first,
                                 .init_deviation = 0.4});
  Parallel parallel(2);
  Tape tape;
  const Context ctx{.parallel = parallel, .tape = &tape};
  const Tensor items = ids({3, 1, 4, 1, 5, 2, 6}), positions = ids({0, 1, 2, 3, 3, 2, 3}),
               offsets = ids({0, 4, 5, 7});
  const Tensor rows = ids({1, 3, 6});
  const Tensor hidden = ask_for_rows
                            ? transformer(ctx, items, positions, offsets, causal, rows)
                            : select_rows(ctx, transformer(ctx, items, positions, offsets, causal), rows);
  tape.backward(hidden, random_tensor(hidden.shape(), 5));
  Results results{hidden, {}};
  for (const auto& [name, tensor] : parameters.named()) results.gradients.push_back(tensor.grad());
  return results;
}

}  // namespace

TEST_CASE(
    "a transformer that is asked for some rows says the same of them, and learns the same, as one asked for "
    "all") {
  for (const bool norm_first : {false, true}) {
    for (const bool causal : {false, true}) {
      const Results all = results_of(norm_first, causal, false), some = results_of(norm_first, causal, true);
      CHECK(relative_error(some.hidden_PD, all.hidden_PD) < 1e-12);
      REQUIRE(some.gradients.size() == all.gradients.size());
      for (size_t i = 0; i < all.gradients.size(); ++i) {
        Parallel parallel(1);
        const double difference =
            largest_number(subtract(Context{parallel}, some.gradients[i], all.gradients[i]));
        // The biases of keys have gradients of 0.
        CHECK(difference < 1e-10 * std::max(largest_number(all.gradients[i]), 0.01));
      }
    }
  }
}

TEST_CASE("a transformer has at least one block") {
  Parameters parameters(3);
  CHECK_THROWS_AS(Transformer(parameters, 9, 4, {.width = 6, .layers = 0}), Error);
}

}  // namespace cce::test
