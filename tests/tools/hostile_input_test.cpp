// The real program on inputs that are hostile by their size: one line, the contract's exit code, and little
// memory. (Small ones: the tests beside each reader, and tests/fuzz/corpus.)
#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/tools/hostile_safetensors.h"
#include "tests/tools/program.h"

namespace cce {
namespace {

namespace fs = std::filesystem;
using testing::cce_rec;
using testing::complaint;
using testing::Outcome;
using testing::TemporaryFolder;

constexpr int64_t kGigabyte = int64_t{1} << 30;

/// What the program says about itself in one line, having ended with `code` and within 256 MB.
std::string refusal(const Outcome& outcome, int code = 1) {
  CHECK(outcome.code == code);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  CHECK(outcome.peak_bytes < int64_t{256} << 20);
#endif
  return complaint(outcome);
}

/// A file of a gigabyte that begins with `content`, the rest of it zeros that take no room on the disk.
std::string gigabyte(const TemporaryFolder& folder, const std::string& name, const std::string& content) {
  const std::string path = folder.write(name, content);
  fs::resize_file(path, kGigabyte);
  return name;
}

/// A run of one epoch on the demo's 300 items.
void make_run(const TemporaryFolder& folder) {
  REQUIRE(cce_rec(folder, {"train", "--model", "gru4rec", "--loss", "cce", "--data", "demo", "--device",
                           "cpu", "--epochs", "1", "--embedding-size", "8", "--out", "run"})
              .code == 0);
}

TEST_CASE("A gigabyte without a line end is refused by every reader of text") {
  const TemporaryFolder folder;
  make_run(folder);
  const std::string sequences = "./" + gigabyte(folder, "long.txt", "1 1 2 3 4\n2 5 6");
  CHECK(refusal(cce_rec(folder, {"data", "stats", sequences})) ==
        sequences + ":2: contains a NUL byte, so it is not a text file\n");
  const std::string attributes = gigabyte(folder, "long.json", "{\"1\": [1");
  CHECK(refusal(cce_rec(folder, {"pretrain", "--data", "demo", "--attributes", attributes}))
            .starts_with("long.json: has 1073741824 bytes, more than the 268435456"));
  const std::string config = gigabyte(folder, "long.toml", "epochs = 1");
  CHECK(refusal(cce_rec(folder, {"train", "--config", config})) ==
        "--config: long.toml is too large for a configuration\n");
  const std::string history = gigabyte(folder, "histories", "1 2 3\n[1, 2");
  const Outcome answered =
      cce_rec(folder, {"recommend", "--checkpoint", "run", "--device", "cpu"}, {}, folder / history);
  CHECK(refusal(answered) == "standard input: line 2 is longer than 16777216 bytes\n");
}

TEST_CASE("A checkpoint with a header of any size is refused before that size is believed") {
  const TemporaryFolder folder;
  const auto refused = [&](uint64_t header_bytes, const std::string& header) {
    std::string begin(sizeof header_bytes, '\0');
    std::memcpy(begin.data(), &header_bytes, sizeof header_bytes);
    gigabyte(folder, "large.safetensors", begin + header);
    return refusal(cce_rec(
        folder, {"recommend", "--checkpoint", "large.safetensors", "--history", "1", "--device", "cpu"}));
  };
  CHECK(refused(~uint64_t{0}, "{")
            .starts_with("large.safetensors: says that its header has 18446744073709551615"));
  CHECK(refused(100'000'001, "{").starts_with("large.safetensors: says that its header has 100000001 bytes"));
  CHECK(refused(100'000'000, "{").starts_with("large.safetensors: the header is not JSON at its byte 2"));
  CHECK(refused(2, "{}") == "large.safetensors: 1073741814 bytes after the last tensor belong to none\n");
}

TEST_CASE("A small checkpoint that says it is of a giant model is refused before one is made") {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& model, const std::string& more) {
    const std::string metadata = R"("__metadata__":{"format_version":"1","data":"0","model":")" + model +
                                 R"(","option.embedding-size":"1000000","option.max-length":"1000000")" +
                                 more + "}";
    folder.write(
        "giant.safetensors",
        testing::safetensors_file("{" + metadata + "," +
                                  testing::entry("item_embeddings.weight", "F32", "[302,0]", "[0,0]") + "}"));
    return refusal(cce_rec(
        folder, {"recommend", "--checkpoint", "giant.safetensors", "--history", "1", "--device", "cpu"}));
  };
  const std::string expected =
      "giant.safetensors: tensor \"item_embeddings.weight\": the model expects shape (302, 1000000), the "
      "file has (302, 0); was it trained with another --hidden-size or --embedding-size?\n";
  CHECK(refused("gru4rec", R"(,"option.hidden-size":"100000","option.padding":"\"left\"")") == expected);
  CHECK(refused("sasrec", R"(,"option.layers":"1000")") == expected);
}

TEST_CASE("A checkpoint of weights that are NaN is refused by name") {
  const TemporaryFolder folder;
  make_run(folder);
  std::string bytes = testing::content(folder / "run/best.safetensors");
  for (size_t i = bytes.size() - 8; i < bytes.size(); ++i) bytes[i] = '\xff';
  folder.write("nan.safetensors", bytes);
  const Outcome outcome =
      cce_rec(folder, {"recommend", "--checkpoint", "nan.safetensors", "--history", "1", "--device", "cpu"});
  CHECK(refusal(outcome).find("nan; the weights are of no use") != std::string::npos);
}

TEST_CASE("A checkpoint of another catalogue, model or kind is refused, and told apart") {
  const TemporaryFolder folder;
  make_run(folder);
  folder.write("large.txt", "1 1 2 3 500\n");
  CHECK(refusal(
            cce_rec(folder, {"evaluate", "--checkpoint", "run", "--data", "./large.txt", "--device", "cpu"}))
            .find("the file has (302, 8); was it trained on another data set?") != std::string::npos);
  CHECK(refusal(cce_rec(folder, {"recommend", "--checkpoint", "run", "--model", "sasrec", "--history", "1"}),
                2) == "--model sasrec: run holds a gru4rec; leave --model out\n");
  CHECK(refusal(cce_rec(folder, {"recommend", "--checkpoint", "large.txt", "--history", "1"}))
            .find("is this a safetensors file, and whole?") != std::string::npos);
}

TEST_CASE("A history of a million items, and one of none that the model knows, are answered") {
  const TemporaryFolder folder;
  make_run(folder);
  std::string lines = "[]\n900 x -1\n";
  for (int i = 0; i < 1'000'000; ++i) lines += std::to_string(1 + i % 290) + " ";
  folder.write("histories", lines);
  const Outcome outcome =
      cce_rec(folder, {"recommend", "--checkpoint", "run", "--top", "3", "--device", "cpu"}, {},
              folder / "histories");
  CHECK(outcome.code == 0);
  const size_t second = outcome.out.find('\n') + 1, third = outcome.out.find('\n', second) + 1;
  const auto unknown = nlohmann::json::parse(outcome.out.substr(second, third - second));
  CHECK(unknown["unknown"] == std::vector<std::string>{"900", "x", "-1"});
  CHECK(unknown["items"].empty());
  const auto known = nlohmann::json::parse(outcome.out.substr(third));
  CHECK(known["items"].size() == 3);
  for (const int item : known["items"]) CHECK(item > 290);
  CHECK(outcome.err.find("left out: 3 items that the model does not know") != std::string::npos);
  const Outcome alone =
      cce_rec(folder, {"recommend", "--checkpoint", "run", "--history", "900", "--device", "cpu"});
  CHECK(alone.code == 1);
  CHECK(alone.err ==
        "left out of the history, as the model does not know them: 900\ncce_rec: error: --history: the model "
        "knows none of its items, so it cannot say what comes next\n");
}

}  // namespace
}  // namespace cce
