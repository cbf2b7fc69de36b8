// BERT4Rec against the same model in PyTorch, and what makes it bidirectional.
#include "models/bert4rec.h"

#include <doctest/doctest.h>

#include "losses/loss.h"
#include "tests/data/plain_batches.h"
#include "tests/fixtures/model_fixture.h"
#include "tests/gradcheck.h"
#include "tests/losses/loss_rows.h"
#include "tests/tensors.h"
#include "tools/loaded_model.h"

namespace cce::test {
namespace {

ModelFixture fixture() {
  return {"bert4rec", "bert4rec", {.transformer = {.width = 12, .layers = 1, .heads = 2}}};
}

}  // namespace

TEST_CASE("BERT4Rec computes what PyTorch does, at hidden items and at the one behind a history") {
  check_outputs(fixture(), DType::f32);
  check_outputs(fixture(), DType::f64);
}

TEST_CASE("BERT4Rec has PyTorch's gradients and the losses of its first ten steps") {
  check_training(fixture(), "mlm", DType::f32);
  check_training(fixture(), "mlm", DType::f64);
}

TEST_CASE("a BERT4Rec that PyTorch saved, with more in the file, ranks every user as it did there") {
  const ModelFixture expected = fixture();
  const LoadedModel loaded =
      load_model({.checkpoint = expected.path.string(), .model = "bert4rec"}, expected.dataset);
  CHECK(loaded.max_length == 10);
  CHECK(loaded.blank == expected.dataset.mask_item());
  check_ranks(expected, *loaded.model);
}

TEST_CASE("what BERT4Rec says at a position depends on what comes after it") {
  Parallel parallel(1);
  const ModelFixture some = fixture();
  const auto model = some.model(DType::f64);
  const std::vector<std::vector<int32_t>> a = {{4, 17, 9}}, b = {{4, 17, 23}};
  const Tensor of_a = model->encode({parallel}, pack_histories(a, 10));
  const Tensor of_b = model->encode({parallel}, pack_histories(b, 10));
  const auto first = [](const Tensor& x) { return x.data<double>()[0]; };
  CHECK(first(of_a) != first(of_b));
}

TEST_CASE("gradients reach every parameter of BERT4Rec through every kind of criterion") {
  const ModelOptions options{.item_rows = 8,
                             .max_length = 5,
                             .transformer = {.width = 4, .layers = 1, .heads = 2, .init_deviation = 0.5}};
  const Dataset data = dataset_from("tiny", {{1, 2, 3, 4}, {5, 6, 2, 3, 1, 4, 5}});
  const Bert4Rec model(options, 1, DType::f64);
  const Batch batch = masked(pack_training(data, training_samples(data), 5),
                             {.probability = 0.4, .token = data.mask_item(), .max_length = 5}, 7, 0);
  const Tensor rows_P = testing::loss_rows(batch.targets_T, batch.offsets_B1, Timestamps::masked);
  const auto loss_with = [&](const char* name) {
    return [&, name](const Context& ctx, const auto&) {
      const LossInput in{.hidden_PD = select_rows(ctx, model.encode(ctx, batch), rows_P),
                         .table_ID = model.output_table(ctx),
                         .targets_P = testing::select_ids(batch.targets_T, rows_P),
                         .negatives = {.items = Tensor::from<int32_t>({2}, {6, 2})},
                         .items = data.max_item};
      return loss_named(name).criterion(ctx, in, {});
    };
  };
  Parallel parallel(2);
  for (const char* loss : {"mlm", "bpr-max"}) {
    Tape tape;
    tape.backward(loss_with(loss)({.parallel = parallel, .tape = &tape}, 0));
    for (const auto& [name, tensor] : model.parameters().named()) {
      CAPTURE(name);
      if (!name.ends_with("attention.key.bias")) CHECK(largest_number(tensor.grad()) > 1e-6);
      tensor.clear_grad();
    }
  }
  for (const auto& [name, tensor] : model.parameters().named()) {
    CAPTURE(name);
    // A key's bias moves all scores of a query alike: its true gradient is 0, and what is left is rounding.
    if (name.ends_with("attention.key.bias")) continue;
    CHECK(gradient_error(loss_with("mlm"), {tensor}, /*training=*/true) < 1e-5);
    CHECK(gradient_error(loss_with("bpr-max"), {tensor}, /*training=*/true) < 1e-5);
  }
}

}  // namespace cce::test
