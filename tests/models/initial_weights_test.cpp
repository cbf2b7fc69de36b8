// How each model begins: part of what makes the paper's numbers come out.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "models/model_table.h"

namespace cce {
namespace {

struct Spread {
  double deviation = 0, furthest = 0;
};
/// Around zero.
Spread spread_of(const Tensor& tensor) {
  Spread spread;
  for (const double value : tensor.span<float>()) {
    spread.deviation += value * value / static_cast<double>(tensor.size());
    spread.furthest = std::max(spread.furthest, std::abs(value));
  }
  spread.deviation = std::sqrt(spread.deviation);
  return spread;
}

void check_normal(const Tensor& tensor, double deviation) {
  // The smallest has 1920 numbers, whose deviation is known to 1.6 %.
  CHECK(std::abs(spread_of(tensor).deviation - deviation) < 0.06 * deviation);
  CHECK(spread_of(tensor).furthest > 2.5 * deviation);
}

void check_uniform(const Tensor& tensor, double bound) {
  // The furthest of n numbers falls short of the bound by 1 / n of it, and by ten times that once in e^10.
  CHECK(spread_of(tensor).furthest >= bound * (1 - 10 / static_cast<double>(tensor.size())));
  CHECK(spread_of(tensor).furthest <= bound * 1.000001);
}

void check_constant(const Tensor& tensor, float value) {
  CHECK(std::ranges::all_of(tensor.span<float>(), [=](float x) { return x == value; }));
}

}  // namespace

TEST_CASE("GRU4Rec begins with Xavier's embeddings and GRU, and PyTorch's dense layer") {
  const auto model = make_model("gru4rec", {.item_rows = 100, .embedding_size = 64, .hidden_size = 128}, 1);
  for (const auto& [name, tensor] : model->parameters().named()) {
    CAPTURE(name);
    if (name == "item_embeddings.weight")
      check_normal(tensor, std::sqrt(2.0 / (100 + 64)));
    else if (name == "gru_layers.weight_ih_l0")
      check_uniform(tensor, std::sqrt(6.0 / (3 * 128 + 64)));
    else if (name == "gru_layers.weight_hh_l0")
      check_uniform(tensor, std::sqrt(6.0 / (3 * 128 + 128)));
    else if (name == "dense.weight" || name == "dense.bias")
      check_uniform(tensor, 1 / std::sqrt(128.0));
    else
      FAIL("nobody has said how this one begins");
  }
}

TEST_CASE("Transformers begin with N(0, 0.02^2), biases of 0, and a normalisation that changes nothing") {
  for (const KnownModel& known : known_models()) {
    if (!known.is_transformer()) continue;
    const auto model = make_model(known.name, {.item_rows = 100, .attribute_rows = 30}, 1);
    for (const auto& [name, tensor] : model->parameters().named()) {
      CAPTURE(std::string(known.name));
      CAPTURE(name);
      if (name.ends_with("bias"))
        check_constant(tensor, 0);
      else if (tensor.shape().rank() == 1)
        check_constant(tensor, 1);  // the scale of a LayerNorm
      else
        check_normal(tensor, 0.02);
    }
  }
}

}  // namespace cce
