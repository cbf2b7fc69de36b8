// What a checkpoint says of itself, against the tensors that it has.
#include "tools/loaded_model.h"

#include "models/model_table.h"
#include "tests/data/files.h"
#include "tests/tools/small_runs.h"
#include "tools/checkpoint.h"
#include "tools/checksum.h"
#include "tools/model_options.h"

namespace cce::test {
namespace {

using testing::message_of;
using testing::TemporaryFolder;
using Metadata = std::map<std::string, std::string>;

/// A checkpoint of a small model, as a training would write it.
TensorFile checkpoint_of(const std::string& name) {
  const TrainOptions options = small_options(name, name == "bert4rec" ? "mlm" : "cce", "unused");
  const auto model = make_model(name, model_options(options, small_data(), /*attribute_rows=*/5), 1);
  return make_checkpoint({name, result_options(options), small_data().fingerprint},
                         model->parameters().named());
}

TensorFile with_metadata(TensorFile file, const Metadata& metadata) {
  for (const auto& [key, value] : metadata) file.metadata[key] = value;
  return file;
}

TensorFile with_tensor(TensorFile file, const std::string& name, const Tensor& tensor) {
  std::erase_if(file.tensors, [&](const auto& named) { return named.first == name; });
  file.tensors.emplace_back(name, tensor);
  return file;
}

/// Why `file` is not loaded, without its path in front.
std::string complaint(const TensorFile& file, CheckpointOptions options = {}) {
  const TemporaryFolder folder;
  options.checkpoint = folder / "f";
  write_safetensors(options.checkpoint, file);
  const std::string message = message_of([&] { load_model(options); }), place = options.checkpoint + ": ";
  REQUIRE(message.starts_with(place));
  return message.substr(place.size());
}

std::string complaint(const std::string& model, const Metadata& metadata) {
  return complaint(with_metadata(checkpoint_of(model), metadata));
}

}  // namespace

TEST_CASE("a checkpoint that says it is of a giant model is refused by the shapes of its tensors") {
  const std::string cause = "; was it trained with another --hidden-size or --embedding-size?";
  const int32_t rows = small_data().item_rows();
  for (const KnownModel& model : known_models()) {
    CAPTURE(model.name);
    CHECK(
        complaint(model.name, {{"option.embedding-size", "1000000"}}) ==
        fmt::format("tensor \"item_embeddings.weight\": the model expects shape ({}, 1000000), the file has "
                    "({}, 16){}",
                    rows, rows, cause));
    if (!model.is_transformer()) continue;
    CHECK(complaint(model.name, {{"option.max-length", "1000000"}}) ==
          "tensor \"position_embeddings.weight\": the model expects shape (1000000, 16), the file has (50, "
          "16); was it trained with another --max-length?");
    CHECK(complaint(model.name, {{"option.layers", "1000"}})
              .starts_with("tensor \"item_encoder.layer.2.attention.query.weight\" is missing: "));
  }
  CHECK(complaint("gru4rec", {{"option.hidden-size", "100000"}}) ==
        "tensor \"gru_layers.weight_ih_l0\": the model expects shape (300000, 16), the file has (384, 16)" +
            cause);
  CHECK(complaint(with_tensor(checkpoint_of("s3rec"), "attribute_embeddings.weight",
                              Tensor::zeros({1'000'000'000, 0}))) ==
        "tensor \"attribute_embeddings.weight\": the model expects shape (1000000000, 16), the file has "
        "(1000000000, 0)" +
            cause);
  CHECK(complaint(with_tensor(checkpoint_of("gru4rec"), "item_embeddings.weight",
                              Tensor::zeros({200'000'000, 0}))) ==
        "item_embeddings.weight has 200000000 rows, more than the 100000002 that a catalogue can have");
}

TEST_CASE("a file of another program has no more layers than an option takes, and no empty vectors") {
  TensorFile file;
  for (int layer = 0; layer <= 1000; ++layer) {
    file.tensors.emplace_back(fmt::format("item_encoder.layer.{}.attention.query.weight", layer),
                              Tensor::zeros({1, 1}));
  }
  CHECK(complaint(with_tensor(file, "item_embeddings.weight", Tensor::zeros({5, 1})), {.model = "sasrec"}) ==
        "its option --layers: expected a whole number from 0 to 1000, got \"1001\"");
  CHECK(complaint(with_tensor({}, "item_embeddings.weight", Tensor::zeros({5, 0})), {.model = "gru4rec"}) ==
        "its option --embedding-size: expected a whole number from 1 to 1000000, got \"0\"");
}

TEST_CASE("metadata that is wrong is the file's fault, and is shown without what a terminal obeys") {
  CHECK(complaint("sasrec", {{"option.layers", "5000"}}) ==
        "its option --layers: expected a whole number from 0 to 1000, got \"5000\"");
  CHECK(complaint("sasrec", {{"option.layers", "5000\n\x1b[31mred"}}) ==
        "the metadata's option.layers has control characters: \"5000\\x0a\\x1b[31mred\"; is the file "
        "damaged?");
  CHECK(complaint("sasrec", {{"model", "zzz"}}) ==
        "holds a \"zzz\", a model that this program does not know; is there a newer cce_rec?");
  for (const auto& [layers, heads] : {std::pair("0", "2"), {"2", "0"}, {"2", "3"}}) {
    CHECK(complaint("sasrec", {{"option.layers", layers}, {"option.heads", heads}}) ==
          fmt::format("its options --layers {}, --heads {} and --embedding-size 16 do not make a "
                      "transformer; is the file damaged?",
                      layers, heads));
  }
}

TEST_CASE("the sizes that a checkpoint does not say are those of its tensors") {
  const TemporaryFolder folder;
  for (const KnownModel& model : known_models()) {
    CAPTURE(model.name);
    TensorFile file = checkpoint_of(model.name);
    for (const char* size : {"embedding-size", "hidden-size", "layers", "heads", "max-length"})
      file.metadata.erase(std::string("option.") + size);
    write_safetensors(folder / "f", file);
    const LoadedModel loaded = load_model({.checkpoint = folder / "f"}, small_data());
    CHECK(loaded.name == model.name);
    CHECK(loaded.max_length == 50);
    CHECK(loaded.notes.empty());
  }
}

TEST_CASE("a loaded model carries the checksum of what was read, whatever the file becomes") {
  const TemporaryFolder folder;
  const TensorFile file = checkpoint_of("gru4rec");
  write_safetensors(folder / "f", file);
  const LoadedModel loaded = load_model({.checkpoint = folder / "f"}, small_data());
  write_safetensors(folder / "f", checkpoint_of("sasrec"));
  CHECK(loaded.checksum == checksum(file));
}

TEST_CASE("a checkpoint is asked neither for another kind of model nor for what its own does not have") {
  const TemporaryFolder folder;
  const std::string gru = folder / "gru", sasrec = folder / "sasrec", unnamed = folder / "unnamed";
  write_safetensors(gru, checkpoint_of("gru4rec"));
  write_safetensors(sasrec, checkpoint_of("sasrec"));
  write_safetensors(unnamed, {{}, checkpoint_of("gru4rec").tensors, {}});
  const auto refusal = [](const CheckpointOptions& options) {
    return message_of([&] { load_model(options, small_data()); }, ExitCode::usage);
  };
  CHECK(refusal({.checkpoint = gru, .heads = 7}) ==
        "--heads is for transformers, and " + gru + " is a gru4rec");
  const std::string for_gru = "--padding and --reset-gate are for gru4rec, and " + sasrec + " is a sasrec";
  CHECK(refusal({.checkpoint = sasrec, .padding = "left"}) == for_gru);
  CHECK(refusal({.checkpoint = sasrec, .reset_gate = "before"}) == for_gru);
  CHECK(refusal({.checkpoint = sasrec, .model = "gru4rec"}) ==
        "--model gru4rec: " + sasrec + " holds a sasrec; leave --model out");
  CHECK(refusal({.checkpoint = unnamed}) == unnamed + " does not say which model it is; give --model");
  CHECK(complaint(with_tensor(checkpoint_of("gru4rec"), "item_embeddings.weight", Tensor::zeros({2, 16}))) ==
        "has no item_embeddings.weight, a matrix with a row for padding, for each item, and for the mask "
        "token");
}

}  // namespace cce::test
