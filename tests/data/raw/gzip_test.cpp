#include "data/raw/gzip.h"

#include "tests/data/raw/raw_files.h"

#if CCE_HAVE_ZLIB
#include <zlib.h>
#endif

namespace cce {
namespace {

using testing::message_of;

std::string read_all(ByteSource& bytes, size_t most = size_t{1} << 30) {
  std::string all;
  char chunk[1000];
  for (size_t count; all.size() < most && (count = bytes.read(chunk)) > 0;) all.append(chunk, count);
  return all;
}

std::string read_packed(std::string_view packed) {
  return read_all(*unpacked(std::make_unique<MemoryBytes>(packed), "x.gz"));
}

TEST_CASE("What is not packed comes as it is, also if it is shorter than a gzip's beginning") {
  for (const char* text : {"", "a", "\x1F", "\x1F ", "user,item\n"}) CHECK(read_packed(text) == text);
}

#if CCE_HAVE_ZLIB

std::string packed(std::string_view text) {
  std::string bytes(text.size() / 100 + 1000, '\0');
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string result;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  for (int status = Z_OK; status == Z_OK;) {
    stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_out = static_cast<uInt>(bytes.size());
    status = deflate(&stream, Z_FINISH);
    result.append(bytes.data(), bytes.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return result;
}

/// Text that does not pack well, so that the gzip is longer than what is read of it at once.
std::string random_text(size_t size) {
  std::string text;
  uint64_t state = 1;
  while (text.size() < size) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    text += static_cast<char>('0' + (state >> 33) % 64);
  }
  return text;
}

TEST_CASE("A gzip is unpacked, and so are several one after another, and zeros behind them") {
  const std::string text = random_text(500'000);
  CHECK(read_packed(packed(text)) == text);
  CHECK(read_packed(packed("")).empty());
  CHECK(read_packed(packed("a") + packed("") + packed(text)) == "a" + text);
  CHECK(read_packed(packed(text) + std::string(700, '\0')) == text);
}

TEST_CASE("A gzip that ends early is an error, wherever it ends") {
  const std::string whole = packed("user,item\nAnn,milk\n");
  for (size_t size = 2; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK(message_of([&] { read_packed(std::string_view(whole).substr(0, size)); }) ==
          "x.gz: ends early: the gzip is cut off");
  }
  const std::string large = packed(random_text(300'000));
  CHECK(message_of([&] { read_packed(std::string_view(large).substr(0, large.size() / 2)); }) ==
        "x.gz: ends early: the gzip is cut off");
  CHECK(message_of([&] { read_packed(whole + whole.substr(0, 12)); }) ==
        "x.gz: ends early: the gzip is cut off");
}

TEST_CASE("A damaged gzip is an error") {
  std::string bytes = packed("user,item\nAnn,milk\n");
  bytes[bytes.size() - 6] ^= 1;  // of the checksum
  CHECK(
      message_of([&] { read_packed(bytes); }).starts_with("x.gz: is damaged: the gzip cannot be unpacked ("));
  CHECK(message_of([] { read_packed(packed("a") + "rest"); }) ==
        "x.gz: has something behind the end of the gzip");
}

TEST_CASE("A gzip bomb ends at the longest line that is read") {
  const std::string bomb = packed(std::string(size_t{200} << 20, 'x'));
  REQUIRE(bomb.size() < 300'000);
  RawLines lines = testing::raw_lines(bomb);
  std::string_view line;
  CHECK(message_of([&] { lines.next(line); }) == "log.csv: line 1 is longer than 16777216 bytes");
}

#else

TEST_CASE("Without zlib, a gzip is refused with what to do") {
  CHECK(!can_gunzip());
  CHECK(message_of([] { read_packed("\x1F\x8B\x08"); }) ==
        "x.gz: is packed by gzip, and this program was built without zlib; unpack it first: gunzip");
}

#endif

}  // namespace
}  // namespace cce
