// What operations say of inputs that do not fit; more of it is beside the tests of each.
#include <doctest/doctest.h>

#include <functional>
#include <utility>

#include "engine/ops/ops.h"
#include "tests/data/files.h"
#include "tests/tensors.h"

namespace cce::test {

TEST_CASE("operations refuse what does not fit, by name") {
  Parallel parallel(1);
  const Context ctx{parallel};
  const Tensor x = Tensor::zeros({2, 4}), table = Tensor::zeros({3, 4});
  const auto attend = [&](const Tensor& keys, const Tensor& offsets, const AttentionOptions& options) {
    attention(ctx, x, keys, x, offsets, options);
  };
  const std::pair<const char*, std::function<void()>> refused[] = {
      {"[embedding] id 3 is not a row of a table of shape (3, 4)",
       [&] {
         embedding(ctx, table, ids({0, 3}));
       }},
      {"[embedding] id -1 is not a row of a table of shape (3, 4)",
       [&] { embedding(ctx, table, ids({-1})); }},
      {"[select_rows] id 2 is not a row of a table of shape (2, 4)", [&] { select_rows(ctx, x, ids({2})); }},
      {"[candidate_scores] candidate 3 is not one of 3 items",
       [&] {
         candidate_scores(ctx, x, table, ids({0, 3}).reshaped({2, 1}));
       }},
      {"[candidate_scores] candidate -1 is not one of 3 items",
       [&] {
         candidate_scores(ctx, x, table, ids({0, -1}).reshaped({2, 1}));
       }},
      {"[candidate_scores] expected 2 rows of candidates, got shape (3, 1)",
       [&] {
         candidate_scores(ctx, x, table, ids({0, 1, 2}).reshaped({3, 1}));
       }},
      {"[candidate_scores] expected a table of width 4, got shape (3, 5)",
       [&] {
         candidate_scores(ctx, x, Tensor::zeros({3, 5}), ids({0, 1}).reshaped({2, 1}));
       }},
      {"[add] expected a second operand of shape (2, 4) or (2, 1), got (4)",
       [&] { add(ctx, x, Tensor::zeros({4})); }},
      {"[subtract] expected a second operand of shape (2, 4) or (2, 1), got (1, 4)",
       [&] {
         subtract(ctx, x, Tensor::zeros({1, 4}));
       }},
      {"[multiply] expected a second operand of shape (2, 4) or (2, 1), got (3, 1)",
       [&] {
         multiply(ctx, x, Tensor::zeros({3, 1}));
       }},
      {"[attention] expected queries, keys and values of one shape, got (2, 4), (3, 4) and (2, 4)",
       [&] {
         attend(table, ids({0, 2}), {});
       }},
      {"[attention] a width of 4 cannot be split into 3 heads",
       [&] {
         attend(x, ids({0, 2}), {.heads = 3});
       }},
      {"[attention] a width of 4 cannot be split into 0 heads",
       [&] {
         attend(x, ids({0, 2}), {.heads = 0});
       }},
      {"[attention] expected a dropout in [0, 1), got 1",
       [&] {
         attend(x, ids({0, 2}), {.dropout = 1});
       }},
      {"[attention] expected offsets from 0 to 2",
       [&] {
         attend(x, ids({0, 1}), {});
       }},
      {"[attention] expected offsets from 0 to 2",
       [&] {
         attend(x, ids({1, 2}), {});
       }},
      {"[attention] sequence 1 is empty",
       [&] {
         attend(x, ids({0, 2, 2}), {});
       }},
  };
  for (const auto& [message, call] : refused) CHECK(testing::message_of(call) == message);
}

}  // namespace cce::test
