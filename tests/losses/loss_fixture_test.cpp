// Every criterion against its formula in PyTorch (tests/fixtures/reference_losses.py).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/optim.h"
#include "losses/loss.h"
#include "tests/fixtures/model_fixture.h"
#include "tests/gradcheck.h"

namespace cce::test {
namespace {

/// What the official GRU4Rec does to scores, with another weight than 1.
constexpr LossOptions kOfficial = {.score_regularization = 0.8, .score_elu = 0.5};

/// What the code of the paper's authors does with pairs, likewise.
constexpr LossOptions kAuthors = {.score_regularization = 0.8, .pair_form = PairForm::authors};

struct Case {
  const char* fixture;
  const char* loss;
  LossOptions options = {};
  bool shared = false;  // the same negatives for all rows, some of which a row rules out
};

constexpr Case kCases[] = {
    {"softmax", "cce"},
    {"bce", "bce"},
    {"gbce", "gbce"},
    {"sampled-softmax", "sampled-softmax"},
    {"sampled-softmax.logq", "sampled-softmax", {.logq = 0.4}},
    {"bpr", "bpr"},
    {"bpr.elu", "bpr", {.score_elu = 0.5}},
    {"bpr-max", "bpr-max"},
    {"bpr-max.official", "bpr-max", kOfficial},
    {"bpr-max.authors", "bpr-max", kAuthors},
    {"top1", "top1"},
    {"top1.official", "top1", kOfficial},
    {"top1.authors", "top1", kAuthors},
    {"top1-max", "top1-max"},
    {"top1-max.official", "top1-max", kOfficial},
    {"top1-max.authors", "top1-max", kAuthors},
    {"lambdarank", "lambdarank"},
    {"bce.shared", "bce", {}, true},
    {"sampled-softmax.shared", "sampled-softmax", {}, true},
    {"bpr-max.shared", "bpr-max", {}, true},
    {"bpr-max.authors.shared", "bpr-max", kAuthors, true},
    {"lambdarank.shared", "lambdarank", {}, true},
};

/// The fixture's tensors, and the parameters made from them.
struct Rows {
  explicit Rows(DType dtype) {
    for (const char* const name : {"hidden", "table"}) {
      parameters.emplace_back(name, tensor(name).to(dtype).set_needs_grad(true));
    }
  }

  const Tensor& tensor(const std::string& name) const {
    const Tensor* const found = file.find("fixture." + name);
    require(found != nullptr, "the fixture has no tensor {}", name);
    return *found;
  }

  LossInput input(bool shared) const {
    LossInput in{.hidden_PD = parameters[0].second,
                 .table_ID = parameters[1].second,
                 .targets_P = tensor("targets"),
                 .negatives = {.items = tensor(shared ? "shared" : "negatives"),
                               .log_expected_PN = tensor("log_expected")},
                 .items = parameters[1].second.rows() - 2};
    if (!shared) return in;
    in.negatives.penalty_PN = Tensor::zeros(tensor("ruled_out").shape());
    std::ranges::transform(tensor("ruled_out").span<int32_t>(), in.negatives.penalty_PN.data<float>(),
                           [](int32_t out) { return out != 0 ? kRuledOut : 0.0F; });
    return in;
  }

  TensorFile file = read_safetensors(fixture_path("losses"));
  Adam::Named parameters;
};

void check_case(const Case& c, DType dtype) {
  CAPTURE(std::string(c.fixture));
  CAPTURE(std::string(name(dtype)));
  Parallel parallel(2);
  const Rows rows(dtype);
  const Tolerance tolerance = tolerance_of(dtype);
  Adam adam(rows.parameters, {.lr = 1e-3});
  const auto expected = rows.tensor(std::string(c.fixture) + ".losses").span<double>();
  for (size_t step = 0; step < expected.size(); ++step) {
    CAPTURE(step);
    Tape tape;
    const Context ctx{.parallel = parallel, .tape = &tape};
    const Tensor loss = loss_named(c.loss).criterion(ctx, rows.input(c.shared), c.options);
    CHECK(std::abs(loss.item() - expected[step]) < tolerance.losses * std::abs(expected[step]));
    tape.backward(loss);
    for (const auto& [name, parameter] : rows.parameters) {
      if (step > 0) break;
      const Tensor& gradient = rows.tensor(fmt::format("{}.grad.{}", c.fixture, name));
      CHECK(relative_error(parameter.grad(), gradient) < tolerance.gradients);
    }
    adam.step(parallel);
  }
}

}  // namespace

TEST_CASE("every criterion has PyTorch's value, gradients and losses of ten steps, in float32") {
  for (const Case& c : kCases) check_case(c, DType::f32);
}

TEST_CASE("every criterion has PyTorch's value, gradients and losses of ten steps, in float64") {
  for (const Case& c : kCases) check_case(c, DType::f64);
}

TEST_CASE("every loss is compared with PyTorch") {
  for (const Loss& loss : losses()) {
    CAPTURE(std::string(loss.name));
    const auto same = [&](const Case& c) { return loss_named(c.loss).criterion == loss.criterion; };
    CHECK(std::ranges::any_of(kCases, same));
  }
}

}  // namespace cce::test
