#include "tools/safetensors.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "tests/data/files.h"
#include "tests/tools/hostile_safetensors.h"

namespace cce {
namespace {

using testing::entry;
using testing::message_of;
using testing::safetensors_file;
using testing::TemporaryFolder;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string text_of(const TensorFile& file) {
  const std::vector<std::byte> bytes = safetensors_bytes(file);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The bits of the numbers in memory.
template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// Reads a file of one tensor "a" of rank 1.
template <class T>
std::vector<float> read_as_floats(const char* dtype, const std::vector<T>& values) {
  const std::string data = raw(values);
  const std::string header =
      "{" + entry("a", dtype, fmt::format("[{}]", values.size()), fmt::format("[0,{}]", data.size())) + "}";
  const TensorFile file = parse_safetensors(bytes_of(safetensors_file(header, data)), "test");
  const auto span = file.find("a")->span<float>();
  return {span.begin(), span.end()};
}

TensorFile sample() {
  TensorFile file;
  file.metadata = {{"model", "gru4rec"}, {"option.lr", "0.001"}, {"quotes", "\"\\\n\x1b é"}};
  const float nan = std::numeric_limits<float>::quiet_NaN();
  file.tensors = {{"w.bias", Tensor::from({3}, std::vector<float>{1.5f, -0.0f, nan})},
                  {"w.weight", Tensor::from({2, 1, 2, 1}, std::vector<float>{1e-45f, 3e38f, -1, 4})},
                  {"step", Tensor::from({}, std::vector<int32_t>{-7})},
                  {"nothing", Tensor::zeros({0, 5})},
                  {"best", Tensor::from({2}, std::vector<double>{0.1, 1e-320})}};
  return file;
}

TEST_CASE("What is written is read back bit by bit, with names, shapes, dtypes and metadata") {
  const TemporaryFolder folder;
  const TensorFile written = sample();
  write_safetensors(folder / "f.safetensors", written);
  const TensorFile read = read_safetensors(folder / "f.safetensors");
  CHECK(read.metadata == written.metadata);
  CHECK(read.unreadable.empty());
  REQUIRE(read.tensors.size() == written.tensors.size());
  for (const auto& [name, tensor] : written.tensors) {
    CAPTURE(name);
    const Tensor* found = read.find(name);
    REQUIRE(found != nullptr);
    CHECK(found->dtype() == tensor.dtype());
    CHECK(found->shape() == tensor.shape());
  }
  CHECK(text_of(read) == text_of(written));
  CHECK(read.find("none") == nullptr);
}

TEST_CASE("The bytes of a small file are those of the format's reference implementation") {
  const TensorFile file{{{"b", "2"}, {"a", "1"}},
                        {{"z", Tensor::from({2}, std::vector<int32_t>{1, 2})},
                         {"m", Tensor::from({1, 1}, std::vector<float>{1})},
                         {"c", Tensor::from({1}, std::vector<float>{2})},
                         {"y", Tensor::from({1}, std::vector<double>{3})}},
                        {}};
  const std::string header = R"({"__metadata__":{"a":"1","b":"2"},)" + entry("y", "F64", "[1]", "[0,8]") +
                             "," + entry("c", "F32", "[1]", "[8,12]") + "," +
                             entry("m", "F32", "[1,1]", "[12,16]") + "," +
                             entry("z", "I32", "[2]", "[16,24]") + "}";
  const std::string padded = header + std::string((8 - header.size() % 8) % 8, ' ');
  const std::string data = raw<double>({3}) + raw<float>({2, 1}) + raw<int32_t>({1, 2});
  CHECK(text_of(file) == safetensors_file(padded, data));
}

TEST_CASE("The order in which tensors are given does not change the bytes") {
  TensorFile reversed = sample();
  std::ranges::reverse(reversed.tensors);
  CHECK(text_of(reversed) == text_of(sample()));
}

TEST_CASE("The writer refuses what no reader could read") {
  const TemporaryFolder folder;
  const std::string path = folder / "f.safetensors";
  const Tensor one = Tensor::zeros({1});
  const auto complaint = [&](const TensorFile& file) {
    return message_of([&] { write_safetensors(path, file); });
  };
  CHECK(complaint({{}, {{"a", one}, {"b", one}, {"a", one}}, {}}) == path + ": two tensors are called \"a\"");
  CHECK(complaint({{}, {{"__metadata__", one}}, {}}) == path + ": no tensor may be called __metadata__");
  CHECK(complaint({{{"k", "\xff"}}, {}, {}}) == path + ": a tensor's name or the metadata is not UTF-8");
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("Half precision is widened exactly") {
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(read_as_floats<uint16_t>("F16",
                                 {0x3C00, 0xC000, 0x7BFF, 0x0400, 0x0001, 0x8001, 0x7C00, 0xFC00, 0x3555}) ==
        std::vector<float>{1, -2, 65504, 0x1p-14f, 0x1p-24f, -0x1p-24f, infinity, -infinity, 0x1.554p-2f});
  CHECK(read_as_floats<uint16_t>("BF16", {0x3F80, 0xC000, 0x7F7F, 0x0001, 0xFF80}) ==
        std::vector<float>{1, -2, 0x1.FEp127f, 0x1p-133f, -infinity});
  CHECK(std::isnan(read_as_floats<uint16_t>("F16", {0x7E00})[0]));
  CHECK(std::isnan(read_as_floats<uint16_t>("BF16", {0x7FC0})[0]));
  CHECK(std::signbit(read_as_floats<uint16_t>("F16", {0x8000})[0]));
}

TEST_CASE("64-bit integers are taken where all of them fit into 32 bits") {
  const auto file_of = [](const std::vector<int64_t>& values) {
    return parse_safetensors(
        bytes_of(safetensors_file("{" + entry("a", "I64", "[2]", "[0,16]") + "}", raw(values))), "t");
  };
  const TensorFile fits = file_of({-2147483648, 2147483647});
  REQUIRE(fits.find("a") != nullptr);
  CHECK(fits.find("a")->data<int32_t>()[0] == std::numeric_limits<int32_t>::min());
  CHECK(fits.find("a")->data<int32_t>()[1] == std::numeric_limits<int32_t>::max());
  const TensorFile large = file_of({0, 2147483648});
  CHECK(large.tensors.empty());
  CHECK(large.unreadable == decltype(large.unreadable){{"a", "its dtype is I64 and its numbers need it"}});
}

TEST_CASE("Well-formed tensors that no Tensor can hold are named, and the others read") {
  const std::string header = "{" + entry("five", "F32", "[1,1,1,1,1]", "[0,4]") + "," +
                             entry("mask", "BOOL", "[2]", "[4,6]") + "," + entry("a", "F16", "[1]", "[6,8]") +
                             "}";
  const TensorFile file = parse_safetensors(bytes_of(safetensors_file(header, std::string(8, '\0'))), "t");
  CHECK(file.unreadable == decltype(file.unreadable){{"five", "it has 5 dimensions, more than 4"},
                                                     {"mask", "its dtype is BOOL"}});
  CHECK(file.find("a") != nullptr);
}

TEST_CASE("NaN and infinite numbers are read, and found by require_finite") {
  const TensorFile file = sample();
  CHECK(message_of([&] { require_finite(*file.find("w.bias"), "w.bias", "f"); }) ==
        "f: tensor \"w.bias\": number 3 of 3 is nan; the weights are of no use");
  const Tensor infinite = Tensor::from({2}, std::vector<double>{1, -HUGE_VAL});
  CHECK(message_of([&] { require_finite(infinite, "a", "f"); }) ==
        "f: tensor \"a\": number 2 of 2 is -inf; the weights are of no use");
  require_finite(*file.find("w.weight"), "w.weight", "f");
  require_finite(*file.find("step"), "step", "f");
  require_finite(*file.find("nothing"), "nothing", "f");
}

TEST_CASE("Files of the format's whole width are accepted") {
  for (const auto& [bytes, complaint] : testing::well_formed_safetensors()) {
    CAPTURE(bytes);
    CHECK_NOTHROW(parse_safetensors(bytes_of(bytes), "test"));
  }
}

TEST_CASE("Hostile files are refused in one line that names the place") {
  const TemporaryFolder folder;
  for (const auto& [bytes, complaint] : testing::hostile_safetensors()) {
    CAPTURE(complaint);
    CHECK(message_of([&] { parse_safetensors(bytes_of(bytes), "test"); }) == "test: " + complaint);
    const std::string path = folder.write("f.safetensors", bytes);
    CHECK(message_of([&] { read_safetensors(path); }) == path + ": " + complaint);
  }
}

TEST_CASE("A header beyond 100 MB is refused, and one of millions of keys before it costs memory") {
  std::string large = safetensors_file("{}");
  const uint64_t claimed = 100'000'001;
  std::memcpy(large.data(), &claimed, sizeof claimed);
  large.resize(8 + claimed, ' ');
  CHECK(message_of([&] {
          parse_safetensors(bytes_of(large), "t");
        }).starts_with("t: says that its header has 100000001 bytes, but 100000000 are the most"));

  std::string keys = "{\"__metadata__\":{";
  for (int i = 0; keys.size() < 99'999'900; ++i) keys += "\"" + std::to_string(i) + "\":\"\",";
  keys += "\"\":\"\"}}";
  CHECK(message_of([&] { parse_safetensors(bytes_of(safetensors_file(keys)), "t"); }) ==
        "t: the header has more than 100000 keys");
}

TEST_CASE("A valid file cut at any byte is refused") {
  const std::string whole = text_of(sample());
  for (size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    message_of([&] { parse_safetensors(bytes_of(whole.substr(0, size)), "t"); });
  }
}

TEST_CASE("A valid file with any one bit flipped is refused or read as another valid file") {
  std::string bytes = text_of(sample());
  int refused = 0, read = 0;
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
    try {
      text_of(parse_safetensors(bytes_of(bytes), "t"));
      ++read;
    } catch (const Error&) {
      ++refused;
    }
    bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
  }
  CHECK(refused > 1000);  // most of the header's bits
  CHECK(read > 300);      // the numbers' bits, and letters of names and metadata
}

}  // namespace
}  // namespace cce
