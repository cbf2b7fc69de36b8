// What options become where there is a GPU.
#include "tools/options.h"

#include <doctest/doctest.h>

#include "tests/data/files.h"

namespace cce::test {
namespace {

TrainOptions resolved(const std::string& model, int hidden_size, int heads, const std::string& device) {
  TrainOptions options;
  options.model = model, options.loss = "cce", options.data = "demo", options.device = device;
  options.embedding_size = options.hidden_size = hidden_size;
  if (heads > 0) options.heads = heads;
  resolve_defaults(options);
  return options;
}

}  // namespace

TEST_CASE("gpu: auto is the GPU, but for models that are too wide for it") {
  const auto automatic = [](const std::string& model, int hidden_size, int heads) {
    const TrainOptions options = resolved(model, hidden_size, heads, "auto");
    CHECK((options.device == "cuda") == options.device_note.empty());
    return options.device + options.device_note;
  };
  CHECK(automatic("gru4rec", 1024, 0) == "cuda");
  CHECK(automatic("gru4rec", 1025, 0) ==
        "cpucomputing on the CPU: a hidden size of 1025 is too wide for a GPU, where it is at most 1024");
  CHECK(automatic("sasrec", 2048, 8) == "cuda");
  CHECK(automatic("sasrec", 514, 2) ==
        "cpucomputing on the CPU: a head of 257 columns is too wide for a GPU, where it has at most 256");
  CHECK(testing::message_of([] { resolved("sasrec", 514, 2, "cuda"); }, ExitCode::usage) ==
        "--device cuda: a head of 257 columns is too wide for a GPU, where it has at most 256 (use --device "
        "cpu)");
}

}  // namespace cce::test
