// Operations on rows of matrices, on both devices.
#include <doctest/doctest.h>

#include "engine/ops/ops.h"
#include "tests/gpu/same_on_both.h"

namespace cce::test {
namespace {

using In = std::vector<Tensor>;
using Unary = Tensor (*)(const Context&, const Tensor&);

double unary_error(Unary op, const Tensor& x) {
  return gpu_error([op](const Context& ctx, const In& in) { return op(ctx, in[0]); }, {x});
}

}  // namespace

TEST_CASE("gpu: sums, means and softmax of rows shorter and longer than a block") {
  for (const Shape& shape : {Shape{1, 1}, Shape{5, 7}, Shape{3, 700}}) {
    for (const Unary op :
         {Unary{sum}, Unary{mean}, Unary{row_sum}, Unary{row_softmax}, Unary{row_log_sum_exp}}) {
      CHECK(unary_error(op, random_floats(shape, 6, 4)) < kRounding);
    }
  }
  CHECK(unary_error(row_log_sum_exp, random_floats({3, 40}, 7, 1000)) < kRounding);  // exp would overflow
}

TEST_CASE("gpu: dropout keeps the same elements") {
  const auto f = [](const Context& ctx, const In& in) { return dropout(ctx, in[0], 0.4, 2); };
  CHECK(gpu_error(f, {random_floats({41, 27}, 14)}, /*training=*/true) < 1e-6);
}

TEST_CASE("gpu: append_column") {
  const auto f = [](const Context& ctx, const In& in) { return append_column(ctx, in[0], in[1]); };
  CHECK(gpu_error(f, {random_floats({300, 8}, 25), random_floats({300}, 26)}) == 0);
  CHECK(gpu_error(f, {random_floats({5, 7}, 25), random_floats({5}, 26)}) == 0);
}

}  // namespace cce::test
