// Every criterion against its equation on scores that are written down, and its gradients.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "engine/random.h"
#include "losses/criteria.h"
#include "tests/data/files.h"
#include "tests/gradcheck.h"

namespace cce::test {
namespace {

/// Two rows of scores: that of the right item, and those of the sampled ones.
struct Row {
  double right;
  std::vector<double> wrong;
};
const std::vector<Row> kRows = {{2, {1, 3, 0.5}}, {-0.5, {0.25, -1, 1.5}}};
/// Logarithms of how often the sampled items were to be expected.
constexpr double kLogExpected[] = {0.3, -0.2, 0.1, 0.7, 0, -1.1};
constexpr int64_t kItems = 41;

double sigma(double x) {
  return 1 / (1 + std::exp(-x));
}

/// A loss input with exactly these scores: hidden vectors are the unit vectors, and column p of the table
/// holds the scores of row p, whose right item is the row's first.
LossInput input_with(const std::vector<Row>& rows, DType dtype = DType::f64) {
  const auto count = std::ssize(rows), each = std::ssize(rows[0].wrong) + 1;
  Tensor hidden = Tensor::zeros({count, count}, DType::f64);
  Tensor table = Tensor::zeros({count * each, count}, DType::f64);
  std::vector<int32_t> targets, negatives;
  for (int64_t p = 0; p < count; ++p) {
    hidden.data<double>()[p * count + p] = 1;
    for (int64_t i = 0; i < each; ++i) {
      const auto item = static_cast<int32_t>(p * each + i);
      table.data<double>()[item * count + p] =
          i == 0 ? rows[static_cast<size_t>(p)].right
                 : rows[static_cast<size_t>(p)].wrong[static_cast<size_t>(i - 1)];
      (i == 0 ? targets : negatives).push_back(item);
    }
  }
  return {.hidden_PD = hidden.to(dtype).set_needs_grad(true),
          .table_ID = table.to(dtype).set_needs_grad(true),
          .targets_P = Tensor::from({count}, targets),
          .negatives = {.items = Tensor::from({count, each - 1}, negatives)},
          .items = kItems};
}

double value_of(Criterion criterion, LossInput in, const LossOptions& options = {}) {
  Parallel parallel(1);
  const Shape& shape = in.negatives.items.shape();
  if (shape == Shape{2, 3}) {
    in.negatives.log_expected_PN =
        Tensor::from<double>(shape, std::vector<double>(std::begin(kLogExpected), std::end(kLogExpected)));
  }
  return criterion(Context{parallel}, in, options).item();
}

/// The mean over both rows of `of_row(row)`.
template <class OfRow>
double mean_of(OfRow of_row) {
  return (of_row(kRows[0]) + of_row(kRows[1])) / 2;
}

/// The sum over a row's sampled items of f(its score, its softmax among them).
template <class F>
double weighted(const Row& row, F f) {
  double z = 0, total = 0;
  for (const double r : row.wrong) z += std::exp(r);
  for (const double r : row.wrong) total += f(r, std::exp(r) / z);
  return total;
}

/// Every loss, with every option that changes what it computes.
struct Variant {
  std::string loss;
  Criterion criterion;
  LossOptions options;
};
std::vector<Variant> every_variant() {
  std::vector<Variant> variants;
  for (const Loss& loss : losses()) {
    variants.push_back({loss.name, loss.criterion, {}});
    for (double LossOptions::*const option : loss.options) {
      if (option == nullptr) continue;
      LossOptions options;
      options.*option = 0.4;
      variants.push_back({loss.name, loss.criterion, options});
    }
    if (!loss.has_pair_forms) continue;
    for (const double regularization : {0.0, 0.4}) {
      variants.push_back({loss.name,
                          loss.criterion,
                          {.score_regularization = regularization, .pair_form = PairForm::authors}});
    }
  }
  return variants;
}

/// A random input with P rows and N negatives each, or N that all share, some of them ruled out. Targets are
/// the items 4 to 6, negatives 0 to 3: a tie would make ranks jump under the smallest change.
LossInput random_input(int64_t rows, int64_t negatives, bool shared, double scale = 1) {
  const auto draw_ids = [](const Shape& shape, uint64_t salt, int32_t first, uint32_t count) {
    RandomStream random(salt, Purpose::test);
    Tensor ids = Tensor::empty(shape, DType::i32);
    for (int32_t& id : ids.span<int32_t>()) id = first + static_cast<int32_t>(random.below(count));
    return ids;
  };
  LossInput in{.hidden_PD = random_tensor({rows, 5}, 1, scale),
               .table_ID = random_tensor({7, 5}, 2, scale),
               .targets_P = draw_ids({rows}, 3, 4, 3),
               .negatives = {.items = draw_ids(shared ? Shape{negatives} : Shape{rows, negatives}, 4, 0, 4),
                             .log_expected_PN = random_tensor({rows, negatives}, 5, 1, DType::f32)},
               .items = kItems};
  if (shared) {
    in.negatives.penalty_PN = Tensor::zeros({rows, negatives});
    for (int64_t i = 0; i < rows * negatives; i += 3) in.negatives.penalty_PN.data<float>()[i] = kRuledOut;
  }
  return in;
}

double gradient_error_of(const Variant& variant, const LossInput& in) {
  const auto f = [&](const Context& ctx, const std::vector<Tensor>& inputs) {
    LossInput with = in;
    with.hidden_PD = inputs[0], with.table_ID = inputs[1];
    return variant.criterion(ctx, with, variant.options);
  };
  return gradient_error(
      f, {in.hidden_PD.to(DType::f64).set_needs_grad(true), in.table_ID.to(DType::f64).set_needs_grad(true)});
}

}  // namespace

TEST_CASE("BPR is Eq. 7 and TOP1 is Eq. 8") {
  CHECK(value_of(bpr, input_with(kRows)) == doctest::Approx(mean_of([](const Row& row) {
          double total = 0;
          for (const double r : row.wrong) total += std::log(sigma(row.right - r));
          return -total / 3;
        })));
  CHECK(value_of(top1, input_with(kRows)) == doctest::Approx(mean_of([](const Row& row) {
          double total = 0;
          for (const double r : row.wrong) total += sigma(r - row.right);
          return total / 3;
        })));
}

TEST_CASE("BPR-max is Eq. 11 and TOP1-max is Eq. 12") {
  CHECK(value_of(bpr_max, input_with(kRows)) == doctest::Approx(mean_of([](const Row& row) {
          return -std::log(weighted(row, [&](double r, double s) { return s * sigma(row.right - r); }));
        })));
  CHECK(value_of(top1_max, input_with(kRows)) == doctest::Approx(mean_of([](const Row& row) {
          return weighted(row, [&](double r, double s) { return s * sigma(r - row.right); });
        })));
}

TEST_CASE("Scores are regularised as in the official GRU4Rec") {
  const LossOptions options{.score_regularization = 0.3};
  CHECK(value_of(bpr_max, input_with(kRows), options) == doctest::Approx(mean_of([](const Row& row) {
          const double won = weighted(row, [&](double r, double s) { return s * sigma(row.right - r); });
          return -std::log(won) + 0.3 * weighted(row, [](double r, double s) { return s * r * r; });
        })));
  CHECK(value_of(top1_max, input_with(kRows), options) == doctest::Approx(mean_of([](const Row& row) {
          return weighted(
              row, [&](double r, double s) { return s * (sigma(r - row.right) + 0.3 * sigma(r * r)); });
        })));
  CHECK(value_of(top1, input_with(kRows), options) == doctest::Approx(mean_of([](const Row& row) {
          double total = 0;
          for (const double r : row.wrong) total += sigma(r - row.right) + 0.3 * sigma(r * r);
          return total / 3;
        })));
}

TEST_CASE(
    "In the authors' form the max forms are a mean over weighted pairs, and TOP1 has squares of scores") {
  for (const double weight : {0.0, 0.3}) {
    const LossOptions options{.score_regularization = weight, .pair_form = PairForm::authors};
    CHECK(value_of(bpr_max, input_with(kRows), options) == doctest::Approx(mean_of([&](const Row& row) {
            return weighted(row, [&](double r, double s) {
              return s * (-std::log(sigma(row.right - r)) + weight * r * r) / 3;
            });
          })));
    CHECK(value_of(top1_max, input_with(kRows), options) == doctest::Approx(mean_of([&](const Row& row) {
            return weighted(
                row, [&](double r, double s) { return s * (sigma(r - row.right) + weight * r * r) / 3; });
          })));
    CHECK(value_of(top1, input_with(kRows), options) == doctest::Approx(mean_of([&](const Row& row) {
            double total = 0;
            for (const double r : row.wrong) total += sigma(r - row.right) + weight * r * r;
            return total / 3;
          })));
  }
}

TEST_CASE("ELU bends the scores below zero before they are compared") {
  const auto elu = [](double r) { return r > 0 ? r : 0.5 * (std::exp(r) - 1); };
  std::vector<Row> bent = kRows;
  for (Row& row : bent) {
    row.right = elu(row.right);
    for (double& r : row.wrong) r = elu(r);
  }
  for (const Criterion criterion : {bpr, bpr_max, top1, top1_max}) {
    CHECK(value_of(criterion, input_with(kRows), {.score_elu = 0.5}) ==
          doctest::Approx(value_of(criterion, input_with(bent))));
  }
}

TEST_CASE("LambdaRank weights each pair by the NDCG that swapping it would change") {
  const auto gain = [](int rank) { return 1 / std::log2(rank + 2.0); };
  // Row 0: 3, 2 (right), 1, 0.5. Row 1: 1.5, 0.25, -0.5 (right), -1.
  const double row0 = (gain(1) - gain(2)) * std::log(sigma(1)) + (gain(0) - gain(1)) * std::log(sigma(-1)) +
                      (gain(1) - gain(3)) * std::log(sigma(1.5));
  const double row1 = (gain(1) - gain(2)) * std::log(sigma(-0.75)) +
                      (gain(2) - gain(3)) * std::log(sigma(0.5)) + (gain(0) - gain(2)) * std::log(sigma(-2));
  CHECK(value_of(lambdarank, input_with(kRows)) == doctest::Approx(-(row0 + row1) / 2));
}

TEST_CASE("BCE is Eq. 20 with its mean over rows, and gBCE at t = 0 is BCE over N + 1") {
  const double expected = mean_of([](const Row& row) {
    double total = std::log(sigma(row.right));
    for (const double r : row.wrong) total += std::log(1 - sigma(r));
    return -total;
  });
  CHECK(value_of(binary_cross_entropy, input_with(kRows)) == doctest::Approx(expected));
  CHECK(value_of(generalised_binary_cross_entropy, input_with(kRows), {.calibration = 0}) ==
        doctest::Approx(expected / 4));
}

TEST_CASE("gBCE weakens the right item's term to the power of beta") {
  // alpha = 3 / 40; at t = 1 beta is alpha, at t = 0.75 a quarter of the way back to 1.
  for (const auto& [t, beta] : std::map<double, double>{{1, 0.075}, {0.75, 0.75 * 0.075 + 0.25}}) {
    const double expected = mean_of([beta = beta](const Row& row) {
      double total = beta * std::log(sigma(row.right));
      for (const double r : row.wrong) total += std::log(1 - sigma(r));
      return -total / 4;
    });
    CHECK(value_of(generalised_binary_cross_entropy, input_with(kRows), {.calibration = t}) ==
          doctest::Approx(expected));
  }
}

TEST_CASE("gBCE refuses more negatives than there are wrong items, and a catalogue without any") {
  LossInput in = input_with(kRows);
  const auto refusal = [&](int64_t items, ExitCode code) {
    in.items = items;
    return testing::message_of([&] { value_of(generalised_binary_cross_entropy, in); }, code);
  };
  in.items = 4;  // three wrong ones, as many as negatives
  CHECK(std::isfinite(value_of(generalised_binary_cross_entropy, in)));
  CHECK(refusal(3, ExitCode::usage) ==
        "--loss gbce: 3 negatives a row are more than there are wrong items, 2; ask for fewer");
  CHECK(refusal(1, ExitCode::failed) == "[gbce] expected at least two items to choose from, got 1");
}

TEST_CASE("The sampled softmax divides each sampled item by how often it was to be expected") {
  for (const double logq : {1.0, 0.5, 0.0}) {
    double expected = 0;
    for (size_t p = 0; p < 2; ++p) {
      double sum = std::exp(kRows[p].right);
      for (size_t j = 0; j < 3; ++j) sum += std::exp(kRows[p].wrong[j] - logq * kLogExpected[3 * p + j]);
      expected -= std::log(std::exp(kRows[p].right) / sum) / 2;
    }
    CHECK(value_of(sampled_softmax, input_with(kRows), {.logq = logq}) == doctest::Approx(expected));
  }
}

TEST_CASE("The sampled softmax of all other items, each expected once, is the full softmax") {
  LossInput in = random_input(3, 6, false);
  for (int64_t p = 0; p < 3; ++p) {
    int32_t item = 0;
    for (int64_t j = 0; j < 6; ++j, ++item) {
      if (item == in.targets_P.data<int32_t>()[p]) ++item;
      in.negatives.items.data<int32_t>()[p * 6 + j] = item;
    }
  }
  in.negatives.log_expected_PN = Tensor::zeros({3, 6});
  CHECK(value_of(sampled_softmax, in) == doctest::Approx(value_of(softmax_cross_entropy, in)));
}

TEST_CASE("Gradients of every criterion are right, with every option") {
  for (const Variant& variant : every_variant()) {
    CAPTURE(variant.loss);
    CHECK(gradient_error_of(variant, random_input(4, 3, false)) < 1e-6);
    CHECK(gradient_error_of(variant, random_input(1, 1, false)) < 1e-6);
    CHECK(gradient_error_of(variant, random_input(4, 6, true)) < 1e-6);
  }
}

TEST_CASE("Negatives that a row rules out change nothing but the count of negatives") {
  // Row by row, the shared items that are left as a row's own negatives, in a batch of that row alone.
  const LossInput shared = random_input(4, 6, true);
  for (const auto& [loss, criterion, options] : every_variant()) {
    if (loss == "gbce") continue;  // the count is in its exponent, too
    CAPTURE(loss);
    const bool divides_by_count = loss == "bpr" || loss == "top1" || options.pair_form == PairForm::authors;
    double expected = 0;
    for (int64_t p = 0; p < 4; ++p) {
      LossInput one = shared;
      one.hidden_PD = Tensor::from<double>(
          {1, 5}, std::span<const double>(shared.hidden_PD.span<double>()).subspan(p * 5, 5));
      one.targets_P = Tensor::from<int32_t>({1}, {shared.targets_P.data<int32_t>()[p]});
      std::vector<int32_t> left;
      std::vector<float> log_expected;
      for (int64_t j = 0; j < 6; ++j) {
        if (shared.negatives.penalty_PN.data<float>()[p * 6 + j] != 0) continue;
        left.push_back(shared.negatives.items.data<int32_t>()[j]);
        log_expected.push_back(shared.negatives.log_expected_PN.data<float>()[p * 6 + j]);
      }
      one.negatives = {.items = Tensor::from({1, std::ssize(left)}, left),
                       .log_expected_PN = Tensor::from({1, std::ssize(left)}, log_expected)};
      const double share = divides_by_count ? static_cast<double>(left.size()) / 6 : 1;
      expected += share * value_of(criterion, one, options) / 4;
    }
    CHECK(value_of(criterion, shared, options) == doctest::Approx(expected));
  }
}

TEST_CASE("Scores of ten thousand and rows without any allowed negative leave everything finite") {
  const std::vector<Row> huge = {{1e4, {-1e4, 1e4}}, {-1e4, {1e4, -1e4}}, {0, {1e4, 1e4}}, {1e4, {0, 0}}};
  for (const bool all_ruled_out : {false, true}) {
    for (const Variant& variant : every_variant()) {
      CAPTURE(variant.loss);
      LossInput in = input_with(huge, DType::f32);
      in.negatives.log_expected_PN = Tensor::zeros({4, 2});
      if (all_ruled_out) {
        in.negatives.penalty_PN = Tensor::zeros({4, 2});
        std::ranges::fill(in.negatives.penalty_PN.span<float>(), kRuledOut);
      }
      Parallel parallel(1);
      Tape tape;
      const Tensor loss =
          variant.criterion(Context{.parallel = parallel, .tape = &tape}, in, variant.options);
      CHECK(std::isfinite(loss.item()));
      tape.backward(loss);
      for (const Tensor& parameter : {in.hidden_PD, in.table_ID}) {
        for (const float g : parameter.grad().span<float>()) CHECK(std::isfinite(g));
      }
    }
  }
}

TEST_CASE("A row without any allowed negative is not regularised by those that it rules out") {
  for (Variant variant : every_variant()) {
    if (!loss_named(variant.loss).takes(&LossOptions::score_regularization)) continue;
    CAPTURE(variant.loss);
    std::vector<float> gradients[2];
    for (const int regularization : {0, 1}) {
      LossInput in = input_with({{0.5, {1, -2}}, {-0.3, {3, 0.1}}}, DType::f32);
      in.negatives.penalty_PN = Tensor::zeros({2, 2});
      std::ranges::fill(in.negatives.penalty_PN.span<float>(), kRuledOut);
      variant.options.score_regularization = regularization;
      Parallel parallel(1);
      Tape tape;
      const Tensor loss =
          variant.criterion(Context{.parallel = parallel, .tape = &tape}, in, variant.options);
      tape.backward(loss);
      const auto of_table = in.table_ID.grad().span<float>();
      gradients[regularization].assign(of_table.begin(), of_table.end());
    }
    for (size_t i = 0; i < gradients[0].size(); ++i) CHECK(gradients[0][i] == gradients[1][i]);
  }
}

TEST_CASE("A criterion that is not given what it needs says so") {
  LossInput in = random_input(2, 3, false);
  Parallel parallel(1);
  const Context ctx{parallel};
  in.negatives.log_expected_PN = {};
  CHECK_THROWS_WITH(sampled_softmax(ctx, in, {}),
                    "[sampled_softmax] the logQ correction needs log_expected_PN");
  in.negatives.items = {};
  CHECK_THROWS_WITH(bpr(ctx, in, {}), "[sampled_scores] this criterion needs negatives");
}

}  // namespace cce::test
