// GRU4Rec's left padding in training, where each pad draws dropout of its own, against windows that are
// filled up.
#include "models/gru4rec.h"

#include <doctest/doctest.h>

#include "engine/ops/dropout_draw.h"
#include "tests/gradcheck.h"

namespace cce::test {
namespace {

constexpr int kWindow = 5;
constexpr double kDropped = 0.4;
constexpr uint64_t kSeed = 11;
constexpr uint32_t kStep = 3;

Gru4Rec tiny_model() {
  ModelOptions options;
  options.item_rows = 9, options.embedding_size = 4, options.hidden_size = 6, options.dropout = kDropped;
  options.left_padding = true, options.max_length = kWindow;
  return {options, 1, DType::f64};
}

Batch batch_of(const std::vector<std::vector<int32_t>>& sequences) {
  return pack_histories(sequences, kWindow);
}

/// Rows of the item table for `items`, each number multiplied with what `draw` has for elements from `first`
/// on.
Tensor dropped_rows(const Gru4Rec& model, const std::vector<int32_t>& items, const DropoutDraw& draw,
                    int64_t first) {
  const Tensor table_IE = model.item_table();
  const int64_t width = table_IE.shape()[1];
  const Tensor rows = Tensor::zeros({std::ssize(items), width}, DType::f64);
  for (int64_t t = 0; t < std::ssize(items); ++t) {
    for (int64_t c = 0; c < width; ++c) {
      rows.data<double>()[t * width + c] =
          table_IE.data<double>()[items[static_cast<size_t>(t)] * width + c] *
          static_cast<double>(draw.factor(first + t * width + c));
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("GRU4Rec with padding on the left: dropout of the pads is that of a window filled up with them") {
  const Gru4Rec model = tiny_model();
  const std::vector<std::vector<int32_t>> sequences = {{1, 2, 3, 4, 5}, {6, 7, 1}, {2, 8}, {3, 3}};
  const Batch batch = batch_of(sequences);
  Parallel parallel(2);
  const Context ctx{.parallel = parallel, .training = true, .seed = kSeed, .step = kStep};
  const Tensor packed_TE = model.encode(ctx, batch);

  const DropoutDraw items_draw(kSeed, kStep, 0, kDropped), pads_draw(kSeed, kStep, 1, kDropped);
  const auto& named = model.parameters().named();
  const auto weight = [&](const std::string& name) {
    for (const auto& [known, tensor] : named) {
      if (known == name) return tensor;
    }
    FAIL("no parameter " << name);
    return Tensor();
  };
  // Pads are drawn for the shortest sequence first.
  int64_t pads_drawn = 0;
  for (int64_t b = batch.sequences() - 1; b >= 0; --b) {
    CAPTURE(b);
    const int64_t begin = batch.offsets_B1.data<int32_t>()[b], length = batch.length(b);
    const auto items =
        batch.items_T.span<int32_t>().subspan(static_cast<size_t>(begin), static_cast<size_t>(length));
    const int64_t pads = kWindow - length, width = 4;
    const Tensor window = Tensor::zeros({kWindow, width}, DType::f64);
    const Tensor pad_rows = dropped_rows(model, std::vector<int32_t>(static_cast<size_t>(pads), 0), pads_draw,
                                         pads_drawn * width);
    const Tensor item_rows = dropped_rows(model, {items.begin(), items.end()}, items_draw, begin * width);
    std::ranges::copy(pad_rows.span<double>(), window.data<double>());
    std::ranges::copy(item_rows.span<double>(), window.data<double>() + pads * width);
    pads_drawn += pads;

    const Tensor one_sequence = Tensor::from<int32_t>({2}, {0, kWindow});
    const Tensor states = gru(ctx, linear(ctx, window, weight("gru_layers.weight_ih_l0"), {}),
                              weight("gru_layers.weight_hh_l0"), one_sequence, {});
    const Tensor expected = linear(ctx, states, weight("dense.weight"), weight("dense.bias"));
    for (int64_t i = 0; i < length * width; ++i) {
      CHECK(packed_TE.data<double>()[begin * width + i] ==
            doctest::Approx(expected.data<double>()[pads * width + i]).epsilon(1e-6));  // a factor is float32
    }
  }
  CHECK(pads_drawn == 0 + 2 + 3 + 3);
}

TEST_CASE("gradients of a left-padded GRU4Rec are right for every parameter, dropout of the pads included") {
  const Gru4Rec model = tiny_model();
  const Batch batch = batch_of({{1, 2, 3, 4}, {6, 7}, {5}});
  const Tensor weights_TE = Tensor::from<double>({7, 4}, [] {
    std::vector<double> numbers;
    for (int i = 0; i < 28; ++i) numbers.push_back(0.1 * (i % 5) - 0.15);
    return numbers;
  }());
  const auto loss = [&](const Context& ctx, const std::vector<Tensor>&) {
    return mean(ctx, multiply(ctx, model.encode(ctx, batch), weights_TE));
  };
  for (const auto& [name, tensor] : model.parameters().named()) {
    CAPTURE(name);
    if (name == "item_embeddings.weight") continue;  // its row of the padding is read, and has no gradient
    CHECK(gradient_error(loss, {tensor}, /*training=*/true) < 1e-6);
  }
}

TEST_CASE("a left-padded GRU4Rec whose sequences fill the window begins with zeros") {
  const Gru4Rec model = tiny_model();
  Parallel parallel(1);
  for (const bool training : {false, true}) {
    const Context ctx{.parallel = parallel, .training = training, .seed = kSeed, .step = kStep};
    const Tensor hidden = model.encode(ctx, batch_of({{1, 2, 3, 4, 5}}));
    CHECK(hidden.shape()[0] == kWindow);
  }
}

}  // namespace cce::test
