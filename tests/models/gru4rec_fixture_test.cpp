// GRU4Rec against the same model in PyTorch.
#include <doctest/doctest.h>

#include "models/model_table.h"
#include "tests/fixtures/model_fixture.h"
#include "tools/evaluator.h"
#include "tools/loaded_model.h"

namespace cce::test {
namespace {

ModelFixture fixture() {
  return {"gru4rec", "gru4rec", {.embedding_size = 12, .hidden_size = 20}};
}

/// Weights that were trained by a program that pads on the left.
ModelFixture left_padded() {
  return {"gru4rec_left", "gru4rec", {.embedding_size = 12, .hidden_size = 20, .left_padding = true}};
}

}  // namespace

TEST_CASE("GRU4Rec computes what PyTorch does") {
  check_outputs(fixture(), DType::f32);
  check_outputs(fixture(), DType::f64);
}

TEST_CASE("GRU4Rec has PyTorch's gradients and the losses of its first ten steps") {
  for (const char* const loss : {"cce", "ce", "bce"}) {
    check_training(fixture(), loss, DType::f32);
    check_training(fixture(), loss, DType::f64);
  }
}

TEST_CASE("a GRU4Rec that PyTorch saved, with more in the file, ranks every user as it did there") {
  const ModelFixture expected = fixture();
  const LoadedModel loaded = load_model(
      {.checkpoint = expected.path.string(), .model = "gru4rec", .max_length = 10}, expected.dataset);
  check_ranks(expected, *loaded.model);
  REQUIRE(loaded.notes.size() == 1);
  CHECK(loaded.notes[0].find("fixture.hidden") != std::string::npos);
}

TEST_CASE("GRU4Rec with padding on the left computes what PyTorch does, gradients included") {
  for (const DType dtype : {DType::f32, DType::f64}) {
    check_outputs(left_padded(), dtype);
    check_training(left_padded(), "cce", dtype);
  }
}

TEST_CASE(
    "a left-padded GRU4Rec that PyTorch saved ranks every user as it did there, and only with the padding") {
  const ModelFixture expected = left_padded();
  const CheckpointOptions options{.checkpoint = expected.path.string(), .model = "gru4rec", .max_length = 10};
  CheckpointOptions padded = options;
  padded.padding = "left";
  check_ranks(expected, *load_model(padded, expected.dataset).model);

  Parallel parallel(1);
  const LoadedModel plain = load_model(options, expected.dataset);
  const std::vector<int32_t> ranks =
      evaluate(parallel, *plain.model, expected.dataset, Split::test, 10, {.seen = Seen::keep}).ranks;
  const auto padded_ranks = expected.tensor("ranks.test.keep").span<int32_t>();
  CHECK(ranks != std::vector<int32_t>(padded_ranks.begin(), padded_ranks.end()));
}

TEST_CASE("a left-padded GRU4Rec refuses a sequence that is longer than its window") {
  Parallel parallel(1);
  const ModelFixture longer = left_padded();
  ModelOptions options = longer.options;
  options.max_length = 3;
  const auto model = make_model("gru4rec", options, 1);
  CHECK_THROWS_WITH_AS(model->encode({parallel}, longer.training_batch()),
                       "[states_before] a sequence of 10 items does not fit into a window of 3", Error);
}

}  // namespace cce::test
