// SASRec against the same model in PyTorch.
#include <doctest/doctest.h>

#include "tests/fixtures/model_fixture.h"
#include "tools/loaded_model.h"

namespace cce::test {
namespace {

/// As the public code computes it: post-LN, GELU.
ModelFixture fixture() {
  return {"sasrec", "sasrec", {.transformer = {.width = 12, .layers = 2, .heads = 2}}};
}

/// As the paper's text says: pre-LN, ReLU.
ModelFixture fixture_of_the_paper() {
  return {"sasrec_paper",
          "sasrec",
          {.transformer = {
               .width = 12, .layers = 1, .heads = 3, .activation = Activation::relu, .norm_first = true}}};
}

}  // namespace

TEST_CASE("SASRec computes what PyTorch does") {
  for (const DType dtype : {DType::f32, DType::f64}) {
    check_outputs(fixture(), dtype);
    check_outputs(fixture_of_the_paper(), dtype);
  }
}

TEST_CASE("SASRec has PyTorch's gradients and the losses of its first ten steps") {
  for (const DType dtype : {DType::f32, DType::f64}) {
    for (const char* const loss : {"cce", "ce", "bce"}) check_training(fixture(), loss, dtype);
    check_training(fixture_of_the_paper(), "cce", dtype);
  }
}

TEST_CASE("a SASRec that PyTorch saved, with more in the file, ranks every user as it did there") {
  const ModelFixture expected = fixture();
  const LoadedModel loaded =
      load_model({.checkpoint = expected.path.string(), .model = "sasrec"}, expected.dataset);
  CHECK(loaded.max_length == 10);
  check_ranks(expected, *loaded.model);
}

TEST_CASE("a SASRec refuses to be evaluated with what only a GRU has") {
  const ModelFixture some = fixture();
  for (const CheckpointOptions& options :
       {CheckpointOptions{.checkpoint = some.path.string(), .model = "sasrec", .padding = "left"},
        CheckpointOptions{.checkpoint = some.path.string(), .model = "sasrec", .reset_gate = "before"}}) {
    CHECK_THROWS_WITH_AS(
        load_model(options, some.dataset),
        ("--padding and --reset-gate are for gru4rec, and " + some.path.string() + " is a sasrec").c_str(),
        Error);
  }
}

}  // namespace cce::test
