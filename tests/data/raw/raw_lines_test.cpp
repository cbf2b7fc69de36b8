#include "data/raw/raw_lines.h"

#include "tests/data/raw/raw_files.h"

namespace cce {
namespace {

using testing::message_of;
using testing::raw_lines;
using testing::Texts;

/// Gives a byte at a time, as a slow pipe does.
class OneByOne : public ByteSource {
 public:
  explicit OneByOne(std::string_view bytes) : bytes_(bytes) {}
  size_t read(std::span<char> bytes) override { return bytes_.read(bytes.first(1)); }

 private:
  MemoryBytes bytes_;
};

/// "number: line" of all lines.
Texts numbered(RawLines lines) {
  Texts texts;
  for (std::string_view line; lines.next(line);) texts.push_back(fmt::format("{}: {}", lines.line(), line));
  return texts;
}

TEST_CASE("Raw lines come without their ends and a byte order mark, with their numbers") {
  const std::string text =
      "\xEF\xBB\xBF"
      "a\r\n\nb\rc\nlast";
  const Texts expected{"1: a", "2: ", "3: b\rc", "4: last"};
  CHECK(numbered(raw_lines(text)) == expected);
  CHECK(numbered({std::make_unique<OneByOne>(text), "slow"}) == expected);
  CHECK(numbered(raw_lines("")).empty());
  CHECK(numbered(raw_lines("\n")) == Texts{"1: "});
  CHECK(numbered(raw_lines("x\n")) == Texts{"1: x"});
}

TEST_CASE("Raw lines longer than what is read at once are whole") {
  std::string text;
  Texts expected;
  for (int i = 1; i <= 40; ++i) {
    const std::string line(static_cast<size_t>(i) * 20'000, static_cast<char>('a' + i % 26));
    text += line + "\n";
    expected.push_back(fmt::format("{}: {}", i, line));
  }
  CHECK(numbered(raw_lines(text)) == expected);
}

TEST_CASE("A raw line can be looked at before it is taken, extended, and the extension be taken back") {
  const std::string text = "a\nb\nc\nd";
  for (const bool slow : {false, true}) {
    RawLines lines = slow ? RawLines(std::make_unique<OneByOne>(text), "slow") : raw_lines(text);
    std::string_view line;
    REQUIRE(lines.peek(line));
    CHECK(line == "a");
    REQUIRE(lines.next(line));
    CHECK(line == "a");
    REQUIRE(lines.next(line));
    REQUIRE(lines.extend(line));
    CHECK(line == "b\nc");
    CHECK(lines.line() == 2);
    lines.forget_extension();
    REQUIRE(lines.next(line));
    CHECK(line == "c");
    CHECK(lines.line() == 3);
    REQUIRE(lines.extend(line));
    CHECK(line == "c\nd");
    CHECK(!lines.extend(line));
    CHECK(!lines.next(line));
    CHECK(!lines.peek(line));
    CHECK(lines.line() == 4);  // the last one's, however often it is asked
    CHECK(!lines.next(line));
    CHECK(lines.place() == (slow ? "slow:4" : "log.csv:4"));
  }
}

TEST_CASE("What is no text is refused, with its place and what to do") {
  const auto complaint = [](std::string_view bytes) {
    return message_of([&] { numbered(raw_lines(bytes)); });
  };
  CHECK(complaint({"a\nb\0c\n", 6}) == "log.csv:2: contains a NUL byte, so it is not a text file");
  CHECK(complaint("\xFF\xFE\x61") == "log.csv: is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8");
  CHECK(complaint("PK\x03\x04...") == "log.csv: is a zip archive; unpack it first: unzip");
  CHECK(complaint("PAR1...") == "log.csv: is a Parquet file; write it as csv first");
  const std::string line(RawLines::kLongest + 300'000, 'x');
  CHECK(complaint("a\n" + line) == "log.csv: line 2 is longer than 16777216 bytes");
}

TEST_CASE("A file that is not there, or is a folder, is named") {
  const testing::TemporaryFolder folder;
  CHECK(message_of([&] { open_bytes(folder / "none.csv"); }) ==
        (folder / "none.csv") + ": cannot be opened: No such file or directory");
  CHECK(message_of([&] { open_bytes(folder.path().string()); }) ==
        folder.path().string() + ": is a folder, expected a file");
  int64_t read = 0;
  auto bytes = open_bytes(folder.write("log.csv", "a\nb\n"), [&](int64_t count) { read = count; });
  CHECK(numbered({std::move(bytes), "log.csv"}) == Texts{"1: a", "2: b"});
  CHECK(read == 4);
}

}  // namespace
}  // namespace cce
