// The two forms of the fused softmax cross-entropy beside each other: the one that keeps exponentials, which
// is tested against the plain form with the op, and the one that computes them again.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/random.h"
#include "tests/gradcheck.h"

namespace cce::cpu {
namespace {

using test::random_tensor;
using test::relative_error;

struct Result {
  double loss;
  Tensor dx_PD, dtable_ID;
};

template <class T>
struct Case {
  int64_t rows, width, items;
  double scale;
  Tensor x = random_tensor({rows, width}, 1, scale, dtype_of<T>());
  Tensor table = random_tensor({items, width}, 2, scale, dtype_of<T>());
  std::vector<int32_t> targets = make_targets();

  std::vector<int32_t> make_targets() const {
    std::vector<int32_t> ids;
    for (int64_t row = 0; row < rows; ++row) ids.push_back(static_cast<int32_t>(row * 131 % items));
    return ids;
  }

  template <class Kernel>
  Result run(Kernel kernel, int threads) const {
    Parallel parallel(threads);
    Result result{0, Tensor::empty(x.shape(), x.dtype()), Tensor::empty(table.shape(), x.dtype())};
    result.loss = kernel(parallel, {x.data<T>(), table.data<T>(), targets.data(), rows, width, items,
                                    result.dx_PD.data<T>(), result.dtable_ID.data<T>(), T(0.25)});
    return result;
  }
};

template <class Isa, class T>
void check_forms_agree() {
  const double tolerance = sizeof(T) == 4 ? 1e-5 : 1e-12;
  for (const auto& [rows, width, items, scale] :
       {std::tuple<int64_t, int64_t, int64_t, double>{1, 64, 1, 0.5},
        {7, 64, 63, 0.5},
        {200, 64, 1300, 0.5},
        {50, 20, 1025, 0.5},
        {400, 3, 130, 2},
        {60, 16, 700, 25}}) {  // the last one needs shifts
    CAPTURE(rows);
    CAPTURE(width);
    CAPTURE(items);
    const Case<T> problem{rows, width, items, scale};
    const Result kept = problem.run(Kernels<Isa, T>::softmax_cross_entropy_kept, 2);
    const Result again = problem.run(Kernels<Isa, T>::softmax_cross_entropy_recomputed, 2);
    CHECK(again.loss == doctest::Approx(kept.loss).epsilon(tolerance / 10));
    CHECK(relative_error(again.dx_PD, kept.dx_PD) < tolerance);
    CHECK(relative_error(again.dtable_ID, kept.dtable_ID) < tolerance);
  }
}

}  // namespace

TEST_CASE_TEMPLATE("softmax cross-entropy: recomputed exponentials give what kept ones give", T, float,
                   double) {
  check_forms_agree<Baseline, T>();
#if defined(CCE_HAVE_AVX512)
  if (use_avx512()) check_forms_agree<Avx512, T>();
#endif
}

TEST_CASE("softmax cross-entropy: recomputed exponentials give the same bytes for any number of threads") {
  const Case<float> problem{500, 64, 3000, 0.5};
  const auto kernel = Kernels<Baseline, float>::softmax_cross_entropy_recomputed;
  const Result one = problem.run(kernel, 1);
  for (const int threads : {2, 3, 8}) {
    const Result more = problem.run(kernel, threads);
    CHECK(more.loss == one.loss);
    CHECK(std::ranges::equal(more.dx_PD.span<float>(), one.dx_PD.span<float>()));
    CHECK(std::ranges::equal(more.dtable_ID.span<float>(), one.dtable_ID.span<float>()));
  }
}

TEST_CASE("softmax cross-entropy: a large catalogue takes the form that keeps nothing") {
  const Case<float> problem{9, 4, kItemsToRecompute, 0.5};
  const auto chosen = [](Parallel& parallel, const CrossEntropyProblem<float>& in) {
    return softmax_cross_entropy<float>(parallel, in);
  };
  const auto recomputed = [](Parallel& parallel, const CrossEntropyProblem<float>& in) {
    return with_kernels(
        [&]<class Isa>() { return Kernels<Isa, float>::softmax_cross_entropy_recomputed(parallel, in); });
  };
  const Result automatic = problem.run(chosen, 2), expected = problem.run(recomputed, 2);
  CHECK(std::ranges::equal(automatic.dtable_ID.span<float>(), expected.dtable_ID.span<float>()));
  CHECK(automatic.loss == expected.loss);
}

TEST_CASE("softmax cross-entropy: without gradients the loss is the same") {
  const Case<float> problem{100, 32, 900, 0.5};
  Parallel parallel(2);
  for (const auto kernel : {Kernels<Baseline, float>::softmax_cross_entropy_kept,
                            Kernels<Baseline, float>::softmax_cross_entropy_recomputed}) {
    const double loss = kernel(parallel, {problem.x.data<float>(), problem.table.data<float>(),
                                          problem.targets.data(), 100, 32, 900, nullptr, nullptr, 1});
    CHECK(loss == problem.run(kernel, 1).loss);
  }
}

}  // namespace cce::cpu
