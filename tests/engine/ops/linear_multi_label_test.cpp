// Linear layer and binary cross-entropy in one, against the same composed of single operations.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/ops/ops.h"
#include "tests/gradcheck.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

constexpr double kTolerance = 1e-6;

/// Which labels each row has.
struct RowLabels {
  Tensor sets_P;
  LabelSets sets;
};

/// Row p has set p.
RowLabels own_sets(const std::vector<int32_t>& offsets, const std::vector<int32_t>& labels) {
  std::vector<int32_t> rows(offsets.size() - 1);
  std::iota(rows.begin(), rows.end(), 0);
  return {ids(rows), {ids(offsets), ids(labels)}};
}

/// Of `labels`, every third set has none, the others up to four. Rows have them from the last to the first,
/// the first twice.
RowLabels labels_of(int64_t rows, int64_t labels) {
  std::vector<int32_t> sets, offsets{0}, all;
  for (int64_t set = 0; set < rows; ++set) {
    sets.push_back(static_cast<int32_t>(std::max<int64_t>(0, rows - 2 - set)));
    for (int64_t i = 0; i < set % 3 * 2 && i < labels; ++i) {
      all.push_back(static_cast<int32_t>((7 * set + i) % labels));
    }
    offsets.push_back(static_cast<int32_t>(all.size()));
  }
  return {ids(sets), {ids(offsets), ids(all)}};
}

/// The scores x table^T as [P, A].
Tensor composed(const Context& ctx, const Tensor& x, const Tensor& table, const RowLabels& labels) {
  const Tensor z = linear(ctx, x, table, {});
  Tensor y = Tensor::zeros(z.shape(), z.dtype());
  visit_real(z.dtype(), "composed", [&]<class T>() {
    for (int64_t row = 0; row < x.rows(); ++row) {
      const int32_t* const offsets =
          labels.sets.offsets_S1.data<int32_t>() + labels.sets_P.data<int32_t>()[row];
      for (int32_t at = offsets[0]; at < offsets[1]; ++at)
        y.data<T>()[row * z.cols() + labels.sets.ids.data<int32_t>()[at]] = 1;
    }
  });
  // softplus(z) - y z = -log(sigmoid(-z)) - y z
  const Tensor softplus = affine(ctx, log_sigmoid(ctx, affine(ctx, z, -1)), -1);
  return sum(ctx, subtract(ctx, softplus, multiply(ctx, z, y)));
}

struct Results {
  Tensor loss, dx, dtable;
};

template <class F>
Results results_of(const F& f, const Tensor& x, const Tensor& table, int threads) {
  Parallel parallel(threads);
  Tape tape;
  x.clear_grad(), table.clear_grad();
  const Tensor loss = f(Context{.parallel = parallel, .tape = &tape}, x, table);
  tape.backward(loss);
  return {loss, x.grad(), table.grad()};
}

}  // namespace

TEST_CASE("linear_multi_label by hand") {
  Parallel parallel(1);
  const Tensor x = Tensor::from<double>({2, 1}, {1, -2});
  const Tensor table = Tensor::from<double>({3, 1}, {0, 1, 3});
  // z = (0, 1, 3) with label 2, and (0, -2, -6) with labels 0 and 1.
  const RowLabels labels = own_sets({0, 1, 3}, {2, 0, 1});
  const Tensor loss = linear_multi_label(Context{parallel}, x, table, labels.sets_P, labels.sets);
  const auto softplus = [](double z) { return std::log1p(std::exp(z)); };
  const double expected =
      softplus(0) + softplus(1) + softplus(3) - 3 + softplus(0) + softplus(-2) + softplus(-6) + 2;
  CHECK(loss.item() == doctest::Approx(expected).epsilon(1e-12));
}

TEST_CASE(
    "gradients of linear_multi_label are right, for one row and one label and for more than a block of "
    "each") {
  const auto error = [](int64_t rows, int64_t labels, int64_t width, double scale) {
    const RowLabels given = labels_of(rows, labels);
    const auto f = [&](const Context& ctx, const std::vector<Tensor>& in) {
      return linear_multi_label(ctx, in[0], in[1], given.sets_P, given.sets);
    };
    return gradient_error(f, {random_tensor({rows, width}, 1, scale).set_needs_grad(true),
                              random_tensor({labels, width}, 2, scale).set_needs_grad(true)});
  };
  CHECK(error(1, 1, 1, 1) < kTolerance);
  CHECK(error(7, 19, 5, 1) < kTolerance);
  CHECK(error(7, 19, 5, 3) < kTolerance);
  CHECK(error(50, 70, 3, 1) < kTolerance);
}

TEST_CASE("linear_multi_label is what its parts make together, in both precisions") {
  for (const DType dtype : {DType::f32, DType::f64}) {
    // 1500 rows of 1027 labels: several chunks in both precisions
    Tensor x = random_tensor({1500, 24}, 3, 1.5, dtype), table = random_tensor({1027, 24}, 4, 1, dtype);
    x.set_needs_grad(true), table.set_needs_grad(true);
    const RowLabels labels = labels_of(1500, 1027);
    const Results fused =
        results_of([&](const Context& ctx, const Tensor& a,
                       const Tensor& b) { return linear_multi_label(ctx, a, b, labels.sets_P, labels.sets); },
                   x, table, 2);
    const Results parts = results_of(
        [&](const Context& ctx, const Tensor& a, const Tensor& b) { return composed(ctx, a, b, labels); }, x,
        table, 2);
    const double tolerance = dtype == DType::f32 ? 1e-5 : 1e-12;
    CHECK(fused.loss.item() == doctest::Approx(parts.loss.item()).epsilon(tolerance));
    CHECK(relative_error(fused.dx.to(DType::f64), parts.dx.to(DType::f64)) < tolerance);
    CHECK(relative_error(fused.dtable.to(DType::f64), parts.dtable.to(DType::f64)) < tolerance);
  }
}

TEST_CASE("linear_multi_label gives the same bytes for any number of threads") {
  Tensor x = random_tensor({1500, 24}, 3, 1.5, DType::f32),
         table = random_tensor({1027, 24}, 4, 1, DType::f32);
  x.set_needs_grad(true), table.set_needs_grad(true);
  const RowLabels labels = labels_of(1500, 1027);
  const auto f = [&](const Context& ctx, const Tensor& a, const Tensor& b) {
    return linear_multi_label(ctx, a, b, labels.sets_P, labels.sets);
  };
  const Results one = results_of(f, x, table, 1);
  for (const int threads : {2, 3, 8}) {
    const Results more = results_of(f, x, table, threads);
    CHECK(one.loss.item() == more.loss.item());
    CHECK(std::ranges::equal(one.dx.span<float>(), more.dx.span<float>()));
    CHECK(std::ranges::equal(one.dtable.span<float>(), more.dtable.span<float>()));
  }
}

TEST_CASE("linear_multi_label of huge scores is finite, and its gradient what it must be") {
  const Tensor x = Tensor::from<float>({2, 1}, {1e4f, -1e4f}).set_needs_grad(true);
  const Tensor table = Tensor::from<float>({2, 1}, {1, -1}).set_needs_grad(true);
  const RowLabels labels = own_sets({0, 1, 2}, {0, 0});  // right at +1e4, wrong at -1e4
  const auto f = [&](const Context& ctx, const Tensor& a, const Tensor& b) {
    return linear_multi_label(ctx, a, b, labels.sets_P, labels.sets);
  };
  const Results results = results_of(f, x, table, 1);
  CHECK(results.loss.item() == doctest::Approx(2e4));
  CHECK(results.dx.data<float>()[0] == 0);
  CHECK(results.dx.data<float>()[1] == -2);
}

TEST_CASE("linear_multi_label refuses labels that do not fit") {
  Parallel parallel(1);
  const Tensor x = Tensor::zeros({2, 3}), table = Tensor::zeros({4, 3});
  const auto loss = [&](const std::vector<int32_t>& sets, const std::vector<int32_t>& offsets,
                        const std::vector<int32_t>& labels) {
    return linear_multi_label(Context{parallel}, x, table, ids(sets), {ids(offsets), ids(labels)});
  };
  CHECK_THROWS_WITH_AS(loss({0, 1}, {0, 1, 2}, {0, 4}), "[linear_multi_label] label 4 is not one of 4",
                       Error);
  CHECK_THROWS_WITH_AS(loss({0, 0}, {0, 1}, {-1}), "[linear_multi_label] label -1 is not one of 4", Error);
  CHECK_THROWS_WITH_AS(loss({0}, {0, 2}, {0, 1}), "[linear_multi_label] 1 sets for 2 rows", Error);
  CHECK_THROWS_WITH_AS(loss({1, 2}, {0, 1, 2}, {0, 1}), "[linear_multi_label] set 2 is not one of 2", Error);
  CHECK_THROWS_WITH_AS(loss({-1, 0}, {0, 1, 2}, {0, 1}), "[linear_multi_label] set -1 is not one of 2",
                       Error);
  CHECK_THROWS_WITH_AS(loss({0, 1}, {0, 0, 3}, {2, 1, 2}), "[linear_multi_label] set 1 has label 2 twice",
                       Error);
  CHECK_NOTHROW(loss({0, 1}, {0, 1, 2}, {2, 2}));  // of two rows
  CHECK_NOTHROW(loss({1, 1}, {0, 1, 2}, {2, 2}));  // one set of both
  CHECK_THROWS_WITH_AS(loss({0, 1}, {0, 2, 1}, {0}),
                       "[linear_multi_label] set 0 begins at label 0 and ends at 2, of 1", Error);
  CHECK_THROWS_AS(loss({1, 1}, {0, 1, 0}, {0, 1}), Error);
}

}  // namespace cce::test
