// The derivatives of the paper against what autograd computes through the criteria.
#include "losses/score_gradients.h"

#include <doctest/doctest.h>

#include <cmath>

#include "losses/criteria.h"
#include "tests/gradcheck.h"

namespace cce::test {
namespace {

/// d(loss)/d(score) of one row whose scores are given: the right item's first, then the negatives'. The
/// hidden vector is (1), so that scores are the table, and their gradients the table's.
std::vector<double> autograd(Criterion criterion, double positive, const std::vector<double>& negatives) {
  std::vector<double> scores = {positive};
  scores.insert(scores.end(), negatives.begin(), negatives.end());
  std::vector<int32_t> ids;
  for (int32_t id = 1; id < std::ssize(scores); ++id) ids.push_back(id);
  const LossInput in{.hidden_PD = Tensor::from<double>({1, 1}, {1}),
                     .table_ID = Tensor::from<double>({std::ssize(scores), 1}, scores).set_needs_grad(true),
                     .targets_P = Tensor::from<int32_t>({1}, {0}),
                     .negatives = {.items = Tensor::from({1, std::ssize(ids)}, ids)},
                     .items = std::ssize(scores)};
  Parallel parallel(1);
  Tape tape;
  tape.backward(criterion(Context{.parallel = parallel, .tape = &tape}, in, {}));
  const Tensor gradient = in.table_ID.grad();
  return {gradient.span<double>().begin(), gradient.span<double>().end()};
}

/// Rows of scores from plain to extreme.
const std::vector<std::vector<double>> kNegatives = {
    {0.5}, {-3, 2, 0.1, 0.4, 1}, {-8, -8, 6, -8, -8, -8, -8, -8, -8, -8}, {30, -30}};

}  // namespace

TEST_CASE("Eq. 9, 10, 13, 14, 21 and 24 are the gradients on the right item's score") {
  struct Pair {
    Criterion criterion;
    double (*formula)(double, std::span<const double>);
  };
  const Pair pairs[] = {{bpr, bpr_gradient},
                        {top1, top1_gradient},
                        {bpr_max, bpr_max_gradient},
                        {top1_max, top1_max_gradient},
                        {lambdarank, lambdarank_gradient},
                        {binary_cross_entropy, bce_gradient},
                        {softmax_cross_entropy, ce_gradient}};
  for (const auto& [criterion, formula] : pairs) {
    for (const auto& negatives : kNegatives) {
      for (const double positive : {-5.0, 0.0, 0.7, 12.0}) {
        CHECK(std::abs(formula(positive, negatives) - autograd(criterion, positive, negatives)[0]) < 1e-12);
      }
    }
  }
}

TEST_CASE("Eq. 22 and 25 are the gradients on a wrong item's score") {
  for (const auto& negatives : kNegatives) {
    for (const double positive : {-5.0, 0.7}) {
      const std::vector<double> bce = autograd(binary_cross_entropy, positive, negatives);
      const std::vector<double> ce = autograd(softmax_cross_entropy, positive, negatives);
      for (size_t j = 0; j < negatives.size(); ++j) {
        CHECK(std::abs(bce_negative_gradient(positive, negatives, j) - bce[j + 1]) < 1e-12);
        CHECK(std::abs(ce_negative_gradient(positive, negatives, j) - ce[j + 1]) < 1e-12);
      }
    }
  }
}

TEST_CASE("More easy negatives drown the hard one in BPR and TOP1, and not in their max forms") {
  std::vector<double> few(9, -20), many(999, -20);
  few.push_back(2), many.push_back(2);
  for (const auto gradient : {bpr_gradient, top1_gradient}) {
    CHECK(std::abs(gradient(0, many)) < 0.02 * std::abs(gradient(0, few)));
  }
  for (const auto gradient : {bpr_max_gradient, top1_max_gradient, ce_gradient}) {
    CHECK(std::abs(gradient(0, many)) > 0.9 * std::abs(gradient(0, few)));
  }
}

}  // namespace cce::test
