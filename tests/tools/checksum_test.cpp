#include "tools/checksum.h"

#include <algorithm>
#include <bit>

#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;

TensorFile small_file() {
  return {{{"state.epoch", "3"}, {"model", "gru4rec"}},
          {{"w", Tensor::from({2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6})},
           {"m", Tensor::from({3}, std::vector<int32_t>{7, 8, 9})}},
          {}};
}

TEST_CASE("A file with a checksum is accepted after it was written and read, in whatever order") {
  TensorFile file = with_checksum(small_file());
  CHECK(file.metadata.at("checksum").size() == 16);
  CHECK_NOTHROW(require_checksum(file, "f"));
  CHECK_NOTHROW(require_checksum(parse_safetensors(safetensors_bytes(file), "f"), "f"));
  std::swap(file.tensors[0], file.tensors[1]);
  CHECK_NOTHROW(require_checksum(file, "f"));
  CHECK(with_checksum(file).metadata == file.metadata);
}

TEST_CASE("Every bit of every number counts, and so do pairs of the same bit") {
  const TensorFile file = small_file();
  const std::string whole = checksum(file);
  for (const auto& [name, tensor] : file.tensors) {
    const std::span<std::byte> bytes = bytes_in(tensor);
    for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      const auto flip = std::byte{1} << bit % 8;
      const size_t other = (bit / 8 + 8) % bytes.size();
      bytes[bit / 8] ^= flip;
      CHECK(checksum(file) != whole);
      bytes[other] ^= flip;
      CHECK(checksum(file) != whole);
      bytes[bit / 8] ^= flip, bytes[other] ^= flip;
    }
  }
  CHECK(checksum(file) == whole);
}

TEST_CASE("Names, shapes, types and metadata count") {
  const std::string whole = checksum(small_file());
  TensorFile file = small_file();
  file.tensors[0].first = "v";
  CHECK(checksum(file) != whole);
  file = small_file();
  file.tensors[0].second = Tensor::from({3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
  CHECK(checksum(file) != whole);
  file = small_file();
  file.tensors.pop_back();
  CHECK(checksum(file) != whole);
  file = small_file();
  file.metadata["state.epoch"] = "4";
  CHECK(checksum(file) != whole);
  file = small_file();
  auto renamed = file.metadata.extract("state.epoch");
  renamed.key() = "state.step";
  file.metadata.insert(std::move(renamed));
  CHECK(checksum(file) != whole);
  file = small_file();
  file.tensors[1].second = Tensor::from(  // the same bits as the whole numbers 7, 8 and 9
      {3}, std::vector<float>{std::bit_cast<float>(7), std::bit_cast<float>(8), std::bit_cast<float>(9)});
  CHECK(std::ranges::equal(bytes_in(file.tensors[1].second), bytes_in(small_file().tensors[1].second)));
  CHECK(checksum(file) != whole);
}

TEST_CASE("A damaged file, and one without a checksum, are refused in one line") {
  TensorFile file = with_checksum(small_file());
  file.tensors[0].second.data<float>()[5] = 7;
  CHECK(message_of([&] { require_checksum(file, "run/f"); }) ==
        "run/f: is damaged: its content does not match its checksum; take it from a backup, train a new run "
        "from the weights beside it (--init run with another --out), or start anew with --overwrite");
  const std::string none = message_of([&] { require_checksum(small_file(), "f"); });
  CHECK(none.starts_with("f: has no checksum"));
  CHECK(none.find("(--init . with another --out)") != std::string::npos);
}

}  // namespace
}  // namespace cce
