// GRU4Rec against the same model in PyTorch.
#include <doctest/doctest.h>

#include "tests/fixtures/model_fixture.h"
#include "tools/loaded_model.h"

namespace cce::test {
namespace {

ModelFixture fixture() {
  return {"gru4rec", "gru4rec", {.embedding_size = 12, .hidden_size = 20}};
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

}  // namespace cce::test
