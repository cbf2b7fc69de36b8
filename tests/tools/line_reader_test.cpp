#include "tools/line_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "tests/data/files.h"

namespace cce {
namespace {

using Lines = std::vector<std::string>;

/// A pipe to write to and to read lines from.
struct Pipe {
  std::array<int, 2> ends = opened();
  LineReader reader{ends[0], "pipe"};
  Pipe() = default;
  ~Pipe() { close(), ::close(ends[0]); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void write(const std::string& text) const {
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }
  static std::array<int, 2> opened() {
    std::array<int, 2> both{};
    REQUIRE(::pipe(both.data()) == 0);
    return both;
  }
  void close() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }
};

TEST_CASE("a reader that is asked line by line answers at once, and takes many where they are there") {
  Pipe pipe;
  pipe.write("one\ntw");
  CHECK(pipe.reader.next(100) == Lines{"one"});  // would wait for ever if it wanted more
  pipe.write("o\nthree\nfour\n");
  CHECK(pipe.reader.next(2) == Lines{"two", "three"});
  CHECK(pipe.reader.next(2) == Lines{"four"});
  pipe.write("five");
  pipe.close();
  CHECK(pipe.reader.next(2) == Lines{"five"});
  CHECK(pipe.reader.next(2).empty());
  CHECK(pipe.reader.next(2).empty());
}

TEST_CASE("line ends of all kinds, empty lines and a byte order mark") {
  Pipe pipe;
  pipe.write(
      "\xEF\xBB\xBF"
      "a\r\n\n\r\n\xEF\xBB\xBF"
      "b\n");
  pipe.close();
  CHECK(pipe.reader.next(100) == Lines{"a", "", "",
                                       "\xEF\xBB\xBF"
                                       "b"});
}

TEST_CASE("a file of many lines is read in order, whatever the size of a bite") {
  const testing::TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i) + "\n";
  const int file = ::open(folder.write("many", text).c_str(), O_RDONLY);
  LineReader reader(file, "many");
  int next = 0;
  for (Lines lines = reader.next(333); !lines.empty(); lines = reader.next(333)) {
    for (const std::string& line : lines) REQUIRE(line == std::to_string(next++));
  }
  CHECK(next == 50'000);
  ::close(file);
}

TEST_CASE("a line without end is refused before it fills the memory, and so is a folder") {
  const testing::TemporaryFolder folder;
  const int file =
      ::open(folder.write("long", "x\n" + std::string(LineReader::kLongest + 1, 'y')).c_str(), O_RDONLY);
  LineReader reader(file, "long");
  CHECK(testing::message_of([&] { reader.next(9); }) == "long: line 2 is longer than 16777216 bytes");
  ::close(file);
  const int no_file = ::open(folder.path().c_str(), O_RDONLY);
  LineReader none(no_file, "folder");
  CHECK(testing::message_of([&] { none.next(9); }) == "folder: cannot be read: Is a directory");
  ::close(no_file);
}

}  // namespace
}  // namespace cce
