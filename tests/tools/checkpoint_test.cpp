#include "tools/checkpoint.h"

#include <limits>

#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;
using Names = std::vector<std::string>;

Tensor floats(const Shape& shape, float first) {
  Tensor tensor = Tensor::empty(shape);
  for (int64_t i = 0; i < shape.size(); ++i) tensor.data<float>()[i] = first + static_cast<float>(i);
  return tensor;
}

/// The parameters of a small model, all zero.
NamedTensors model() {
  return {{"item_embeddings.weight", Tensor::zeros({4, 2})}, {"dense.bias", Tensor::zeros({2})}};
}

TensorFile file_of(const NamedTensors& tensors) {
  return {{}, tensors, {}};
}

std::string complaint(const NamedTensors& tensors) {
  const NamedTensors parameters = model();
  const std::string message = message_of([&] { load_parameters(file_of(tensors), parameters, "f"); });
  for (const auto& [name, tensor] : parameters) {
    for (const float value : tensor.span<float>()) CHECK(value == 0);  // all or none
  }
  return message;
}

TEST_CASE("Parameters are loaded by name, whatever the order of the file") {
  const NamedTensors parameters = model();
  const Names left = load_parameters(
      file_of({{"dense.bias", floats({2}, 10)}, {"item_embeddings.weight", floats({4, 2}, 1)}}), parameters,
      "f");
  CHECK(left.empty());
  CHECK(parameters[0].second.data<float>()[7] == 8);
  CHECK(parameters[1].second.data<float>()[0] == 10);
}

TEST_CASE("Loading converts float64 to a parameter's float32, and the other way round") {
  const NamedTensors parameters = {{"a", Tensor::zeros({1})}, {"b", Tensor::zeros({1}, DType::f64)}};
  load_parameters(file_of({{"a", floats({1}, 3).to(DType::f64)}, {"b", floats({1}, 4)}}), parameters, "f");
  CHECK(parameters[0].second.item() == 3);
  CHECK(parameters[1].second.item() == 4);
}

TEST_CASE("Integers of a saved state are loaded as such") {
  const NamedTensors parameters = {{"step", Tensor::zeros({1}, DType::i32)}};
  load_parameters(file_of({{"step", Tensor::from({1}, std::vector<int32_t>{5})}}), parameters, "f");
  CHECK(parameters[0].second.item() == 5);
  CHECK(message_of([&] {
          load_parameters(file_of({{"step", floats({1}, 5)}}), parameters, "f");
        }) == "f: tensor \"step\": the model expects int32, the file has float32");
}

TEST_CASE("Tensors beyond the model's are named and left") {
  TensorFile file = file_of({{"x", floats({1}, 0)}});
  for (const auto& named : model()) file.tensors.push_back(named);
  file.tensors.emplace_back("aap_norm.bias", floats({2}, 0));
  file.unreadable.emplace_back("mask", "its dtype is BOOL");
  CHECK(load_parameters(file, model(), "f") == Names{"x", "aap_norm.bias", "mask"});
}

TEST_CASE("What does not fit is refused with tensor, shapes and likely cause, and nothing is loaded") {
  const auto embeddings = [](const Shape& shape) {
    return NamedTensors{{"dense.bias", floats({2}, 1)}, {"item_embeddings.weight", floats(shape, 1)}};
  };
  CHECK(complaint(embeddings({5, 2})) ==
        "f: tensor \"item_embeddings.weight\": the model expects shape (4, 2), the file has (5, 2); was it "
        "trained on "
        "another data set?");
  CHECK(complaint(embeddings({4, 3})) ==
        "f: tensor \"item_embeddings.weight\": the model expects shape (4, 2), the file has (4, 3); was it "
        "trained with "
        "another --hidden-size or --embedding-size?");
  CHECK(complaint(embeddings({8})) ==
        "f: tensor \"item_embeddings.weight\": the model expects shape (4, 2), the file has (8); was it "
        "trained with "
        "another --hidden-size or --embedding-size?");
  CHECK(complaint({{"item_embeddings.weight", floats({4, 2}, 1)}}) ==
        "f: tensor \"dense.bias\" is missing: is it of another model, or of one with fewer --layers?");
  CHECK(complaint({{"item_embeddings.weight", Tensor::zeros({4, 2}, DType::i32)}}) ==
        "f: tensor \"item_embeddings.weight\": the model expects float32, the file has int32");
}

TEST_CASE("The cause of a shape that does not fit is guessed from the tensor's name") {
  const auto cause = [](const std::string& name) {
    const NamedTensors parameter = {{name, Tensor::zeros({50, 2})}};
    const std::string message = message_of([&] {
      load_parameters(file_of({{name, floats({20, 2}, 1)}}), parameter, "f");
    });
    return message.substr(message.find("; ") + 2);
  };
  CHECK(cause("position_embeddings.weight") == "was it trained with another --max-length?");
  CHECK(cause("attribute_embeddings.weight") == "was it trained with other attributes?");
}

TEST_CASE("A checkpoint of another model is named where a tensor is missing") {
  const TensorFile file = make_checkpoint({"sasrec", {}, "0123"}, {});
  CHECK(message_of([&] { load_parameters(file, model(), "f"); }) ==
        "f: tensor \"item_embeddings.weight\" is missing: the file holds a \"sasrec\" model; is --model "
        "another one, or "
        "were there fewer --layers?");
}

TEST_CASE("A parameter whose numbers cannot be held is refused with the reason") {
  TensorFile file;
  file.unreadable.emplace_back("item_embeddings.weight", "its dtype is U8");
  CHECK(message_of([&] { load_parameters(file, model(), "f"); }) ==
        "f: tensor \"item_embeddings.weight\" cannot be read: its dtype is U8");
}

TEST_CASE("Weights that are not finite, or not in float32, are refused") {
  const Tensor nan = floats({2}, std::numeric_limits<float>::quiet_NaN());
  CHECK(complaint({{"item_embeddings.weight", floats({4, 2}, 1)}, {"dense.bias", nan}}) ==
        "f: tensor \"dense.bias\": number 1 of 2 is nan; the weights are of no use");
  const Tensor large = Tensor::from({2}, std::vector<double>{1, 1e300});
  CHECK(complaint({{"item_embeddings.weight", floats({4, 2}, 1)}, {"dense.bias", large}}) ==
        "f: tensor \"dense.bias\": number 2 of 2 is inf; the weights are of no use");
}

TEST_CASE("A checkpoint says of itself what it was made of") {
  const CheckpointInfo info{"gru4rec", {{"hidden-size", "128"}, {"lr", "0.001"}}, "0123456789abcdef"};
  const TensorFile file = make_checkpoint(info, model());
  CHECK(file.metadata == std::map<std::string, std::string>{{"data", "0123456789abcdef"},
                                                            {"format_version", "1"},
                                                            {"model", "gru4rec"},
                                                            {"option.hidden-size", "128"},
                                                            {"option.lr", "0.001"}});
  const auto read = checkpoint_info(parse_safetensors(safetensors_bytes(file), "f"), "f");
  REQUIRE(read);
  CHECK(read->model == info.model);
  CHECK(read->options == info.options);
  CHECK(read->data_fingerprint == info.data_fingerprint);
}

TEST_CASE("The first option in which two runs differ is told, also where only one of them says it") {
  using Options = std::map<std::string, std::string>;
  const Options run = {{"epochs", "5"}, {"lr", "0.1"}};
  CHECK_FALSE(first_difference(run, run).has_value());
  const auto expect = [&](const Options& saved, const Options& now, const std::vector<std::string>& texts) {
    const std::optional<OtherOption> other = first_difference(saved, now);
    REQUIRE(other.has_value());
    CHECK(std::vector{other->option, other->before, other->now} == texts);
  };
  expect(run, {{"epochs", "5"}, {"lr", "0.2"}}, {"lr", "0.1", "0.2"});
  expect({{"epochs", "5"}}, run, {"lr", "the default", "0.1"});
  expect(run, {{"epochs", "5"}}, {"lr", "0.1", "the default"});
}

TEST_CASE("A file of another program says nothing, one of a newer version is refused") {
  TensorFile file = make_checkpoint({"gru4rec", {}, ""}, {});
  file.metadata["format_version"] = "2";
  CHECK(message_of([&] { checkpoint_info(file, "f"); }) ==
        "f: was written in format version \"2\", this program reads version 1; is there a newer cce_rec?");
  CHECK_FALSE(checkpoint_info(TensorFile{{{"format", "pt"}}, {}, {}}, "f"));
}

TEST_CASE("A checkpoint that says of itself what would move a cursor is refused, and shown without that") {
  const auto refused = [](const std::string& key) {
    TensorFile file = make_checkpoint({"gru4rec", {{"lr", "0.1"}}, "0", "0", "0"}, {});
    file.metadata[key] = "a\r\x1b[2J\x7f";
    const std::string shown = message_of([&] { checkpoint_info(file, "f"); });
    return shown == "f: the metadata's " + key +
                        " has control characters: \"a\\x0d\\x1b[2J\\x7f\"; is the file damaged?";
  };
  for (const char* key : {"model", "data", "attributes", "init", "option.lr"}) {
    CAPTURE(key);
    CHECK(refused(key));
  }
  TensorFile other = make_checkpoint({"gru4rec", {}, "0"}, {});
  other.metadata["remark"] = "two\nlines";
  CHECK(checkpoint_info(other, "f"));
}

TEST_CASE("A prefix keeps weights and moments apart in one file") {
  NamedTensors state = with_prefix("model.", model());
  for (const auto& named : with_prefix("adam.m.", model())) state.push_back(named);
  const TensorFile file = parse_safetensors(safetensors_bytes(file_of(state)), "f");
  CHECK(file.tensors.size() == 4);
  CHECK(load_parameters(file, with_prefix("model.", model()), "f") ==
        Names{"adam.m.dense.bias", "adam.m.item_embeddings.weight"});
}

}  // namespace
}  // namespace cce
