#include "data/s3rec_text.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/random.h"
#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

/// Reads `content` as the file toys.txt.
Dataset read(std::string_view content) {
  const TemporaryFolder folder;
  return read_s3rec_text(folder.write("toys.txt", content));
}

/// What reading `content` complains about, without the folder's name and the closing hint.
std::string complaint(std::string_view content) {
  const TemporaryFolder folder;
  const std::string path = folder.write("toys.txt", content);
  std::string message = message_of([&] { read_s3rec_text(path); });
  REQUIRE(message.starts_with(path));
  message = "toys.txt" + message.substr(path.size());
  const std::string hint = " (see: cce_rec data validate)";
  return message.ends_with(hint) ? message.substr(0, message.size() - hint.size()) : message;
}

TEST_CASE("S3-Rec text is read into sequences") {
  const Dataset dataset = read("7 1 2 3 4\nanna\t5 9  5 2 1 \n");
  CHECK(dataset.name == "toys");
  CHECK(dataset.users == std::vector<std::string>{"7", "anna"});
  CHECK(dataset.items == std::vector<int32_t>{1, 2, 3, 4, 5, 9, 5, 2, 1});
  CHECK(dataset.offsets == std::vector<int64_t>{0, 4, 9});
  CHECK(dataset.max_item == 9);
  CHECK(dataset.users_left_out == 0);
}

TEST_CASE("S3-Rec text reads the same with CRLF, a byte order mark, and without a last line end") {
  const Dataset plain = read("1 1 2 3 4\n2 5 6 7 8\n");
  for (const std::string_view content :
       {"1 1 2 3 4\r\n2 5 6 7 8\r\n",
        "\xEF\xBB\xBF"
        "1 1 2 3 4\n2 5 6 7 8\n",
        "1 1 2 3 4\n2 5 6 7 8", "1 1 2 3 4\r\n2 5 6 7 8", "1 001 2 3 4\n2 5 6 7 8\n"}) {
    CAPTURE(content);
    const Dataset dataset = read(content);
    CHECK(dataset.users == plain.users);
    CHECK(dataset.items == plain.items);
    CHECK(dataset.fingerprint == plain.fingerprint);
  }
}

TEST_CASE("Users with fewer than 4 items are left out and counted, but their items exist") {
  const Dataset dataset = read("1 1 2 3\n2 1 2 3 4\n3 50\n");
  CHECK(dataset.users == std::vector<std::string>{"2"});
  CHECK(dataset.users_left_out == 2);
  CHECK(dataset.interactions() == 4);
  CHECK(dataset.max_item == 50);
  CHECK(complaint("1 1 2 3\n2 5\n") ==
        "toys.txt: no user has the 4 items that training, validation and test need (of 2 read)");
}

TEST_CASE("A file that separates ids by something else is told that blanks do") {
  CHECK(complaint("1,2,3,4,5\n") ==
        "toys.txt:1: user \"1,2,3,4,5\" has no items; ids are separated by blanks, not by \",\" (of a table, "
        "data prepare makes sequences)");
  CHECK(complaint("user;item\n") ==
        "toys.txt:1: user \"user;item\" has no items; ids are separated by blanks, not by \";\" (of a table, "
        "data prepare makes sequences)");
  CHECK(complaint("1 2,3,4,5\n") ==
        "toys.txt:1: item id \"2,3,4,5\" is not a whole number; ids are separated by blanks, not by \",\" "
        "(of a table, data prepare makes sequences)");
}

TEST_CASE("An item id that is no positive whole number is refused with its line") {
  const std::string good = "1 1 2 3 4\n";
  CHECK(complaint(good + "2 5 -3 6 7\n") == "toys.txt:2: item id \"-3\" is not positive");
  CHECK(complaint(good + "2 5 0 6 7\n") == "toys.txt:2: item id \"0\" is not positive");
  CHECK(complaint(good + "2 5 -0 6 7\n") == "toys.txt:2: item id \"-0\" is not positive");
  CHECK(complaint(good + "2 5 abc 6 7\n") == "toys.txt:2: item id \"abc\" is not a whole number");
  CHECK(complaint(good + "2 5 6x 6 7\n") == "toys.txt:2: item id \"6x\" is not a whole number");
  CHECK(complaint(good + "2 5 1.5 6 7\n") == "toys.txt:2: item id \"1.5\" is not a whole number");
  CHECK(complaint(good + "2 5 - 6 7\n") == "toys.txt:2: item id \"-\" is not a whole number");
  CHECK(complaint(good + "2 5 +3 6 7\n") == "toys.txt:2: item id \"+3\" is not a whole number");
}

TEST_CASE("An item id that asks for a giant table is refused") {
  CHECK(read("1 1 2 3 100000000\n").max_item == 100'000'000);
  const std::string end = "\" is above 100000000, the largest that is read";
  for (const std::string id : {"100000001", "2147483648", "4294967297", "9223372036854775808",
                               "18446744073709551617", "99999999999999999999999999"}) {
    CHECK(complaint("1 1 2 3 " + id + "\n") == "toys.txt:1: item id \"" + id + end);
  }
}

TEST_CASE("Empty lines, users without items and repeated users are refused with their lines") {
  CHECK(complaint("1 1 2 3 4\n\n2 1 2 3 4\n") == "toys.txt:2: empty line, expected: user item item ...");
  CHECK(complaint("1 1 2 3 4\n \t\r\n") == "toys.txt:2: empty line, expected: user item item ...");
  CHECK(complaint("1 1 2 3 4\n\n") == "toys.txt:2: empty line, expected: user item item ...");
  CHECK(complaint("1 1 2 3 4\n2\n") == "toys.txt:2: user \"2\" has no items");
  CHECK(complaint("1 1 2 3 4\n2 5 6 7 8\n1 9 9 9 9\n") ==
        "toys.txt:3: user \"1\" was already on line 1; join the two lines");
  CHECK(complaint("1 1 2\n1 9 9 9 9\n") ==
        "toys.txt:2: user \"1\" was already on line 1; join the two lines");
}

TEST_CASE("A user with a control character is refused, a CR at the end of a line is none of it") {
  const std::string end = " has control characters in its name; take them out";
  CHECK(complaint("1 1 2 3 4\na\rb 5 6 7 8\n") == "toys.txt:2: user \"a\\x0db\"" + end);
  CHECK(complaint("\x1b[31mred 1 2 3 4\n") == "toys.txt:1: user \"\\x1b[31mred\"" + end);
  CHECK(complaint("a\x7f 1 2 3 4\n") == "toys.txt:1: user \"a\\x7f\"" + end);
  CHECK(complaint("\v 1 2\n") == "toys.txt:1: user \"\\x0b\"" + end);
  CHECK(read("M\xC3\xBCller 1 2 3 4\r\n").users == std::vector<std::string>{"M\xC3\xBCller"});
  const TemporaryFolder folder;
  const std::string path = folder.write("toys.txt", "a\rb 5 6 7 8\n");
  CHECK(faults_of_s3rec_text(path) == std::vector<std::string>{path + ":1: user \"a\\x0db\"" + end});
}

TEST_CASE("A file whose name is not UTF-8 is refused, as its run could not be recorded") {
  const TemporaryFolder folder;
  const std::string path = folder.write("caf\xe9.txt", "1 1 2 3 4\n");
  const std::string fault = folder / "caf\\xe9.txt" + ": its name is not UTF-8; rename it";
  CHECK(message_of([&] { read_s3rec_text(path); }).starts_with(fault));
  CHECK(faults_of_s3rec_text(path) == std::vector<std::string>{fault});
  CHECK(read_s3rec_text(folder.write("caf\xC3\xA9.txt", "1 1 2 3 4\n")).name == "caf\xC3\xA9");
}

TEST_CASE("A file that is no text is refused as what it is") {
  CHECK(complaint("") == "toys.txt: is empty, expected lines of: user item item ...");
  CHECK(complaint("\xEF\xBB\xBF") == "toys.txt: is empty, expected lines of: user item item ...");
  using namespace std::string_view_literals;
  CHECK(complaint("1 1 2 3 4\n2 5 \0 7 8\n"sv) ==
        "toys.txt:2: contains a NUL byte, so it is not a text file");
  CHECK(complaint("\xFF\xFE"
                  "1\0 \0"sv) == "toys.txt: is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8");
  CHECK(complaint("\xFE\xFF\0"
                  "1\0 "sv) == "toys.txt: is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8");
  CHECK(complaint("\x1F\x8B\x08"sv) == "toys.txt: is compressed; unpack it first: gunzip");
}

/// Bytes that this process had in memory at most.
int64_t peak_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

TEST_CASE("A line without end is refused before it fills the memory") {
  CHECK(complaint("1 1 2 3 4\n2" + std::string(kLongestLine, ' ') + "5") ==
        "toys.txt:2: is longer than 16777216 bytes, the longest line that is read");
  const TemporaryFolder folder;
  const std::string path = folder.write("sparse.txt", "1 1 2 3 4\n2 5");
  std::filesystem::resize_file(path, int64_t{1} << 30);  // the rest reads as NUL bytes
  const int64_t before = peak_bytes();
  CHECK(message_of([&] { read_s3rec_text(path); }) ==
        path + ":2: contains a NUL byte, so it is not a text file");
  CHECK(peak_bytes() - before < int64_t{256} << 20);
  std::filesystem::resize_file(path, (int64_t{4} << 30) + 1);
  CHECK(message_of([&] { read_s3rec_text(path); }) ==
        path + ": has 4294967297 bytes, more than the 4294967296 that are read");
}

TEST_CASE("A user with a million items is read") {
  std::string content = "1 1 2 3 4\n2";
  for (int i = 0; i < 1'000'000; ++i) content += fmt::format(" {}", 1 + i % 5000);
  const Dataset dataset = read(content + "\n");
  CHECK(dataset.sequence(1).size() == 1'000'000);
  CHECK(dataset.max_item == 5000);
}

TEST_CASE("Binary noise is shown shortened and printable") {
  CHECK(complaint("1 \x01\xFF\x7F\n") == "toys.txt:1: item id \"\\x01\\xff\\x7f\" is not a whole number");
  CHECK(complaint("1 " + std::string(1000, 'x') + "\n") ==
        "toys.txt:1: item id \"" + std::string(40, 'x') + "...\" is not a whole number");
}

TEST_CASE("Noise of any kind ends in a data set or in one line") {
  RandomStream random(1, Purpose::test);
  constexpr std::string_view kAlphabet = "0123456789   \n\n\t\r-x\xEF\xBB\xBF\xFF";
  int refused = 0;
  for (int round = 0; round < 2000; ++round) {
    std::string content = "1 1 2 3 4\n";
    const uint32_t noise = random.below(12);
    for (uint32_t i = 0; i < noise; ++i) content += kAlphabet[random.below(kAlphabet.size())];
    const TemporaryFolder folder;
    const std::string path = folder.write("noise.txt", content);
    try {
      const Dataset dataset = read_s3rec_text(path);
      CHECK(dataset.user_count() >= 1);
    } catch (const Error& error) {
      CHECK(std::string(error.what()).starts_with(path + ":"));
      ++refused;
    }
  }
  CHECK(refused > 100);
  CHECK(refused < 1900);
}

TEST_CASE("A missing file, a folder and a pipe are told apart") {
  const TemporaryFolder folder;
  CHECK(message_of([&] { read_s3rec_text(folder / "none.txt"); }) ==
        folder / "none.txt" + ": cannot be opened: No such file or directory");
  CHECK(message_of([&] { read_s3rec_text(folder.path().string()); }) ==
        folder.path().string() + ": is a folder, expected a file");
  const std::string pipe = folder / "pipe.txt";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(message_of([&] { read_s3rec_text(pipe); }) == pipe + ": is not a regular file");
}

TEST_CASE("not root: a file that may not be read is refused") {
  const TemporaryFolder folder;
  const std::string secret = folder.write("secret.txt", "1 1 2 3 4\n");
  REQUIRE(::chmod(secret.c_str(), 0) == 0);
  CHECK(message_of([&] { read_s3rec_text(secret); }) == secret + ": cannot be opened: Permission denied");
}

TEST_CASE("Validation lists every fault, not just the first") {
  const TemporaryFolder folder;
  const std::string path = folder.write("toys.txt", "1 1 2 3 4\n2 -3 4\n\n1 5 6 7 8\n3\n4 9 9 9 9\n");
  const std::vector<std::string> faults = faults_of_s3rec_text(path);
  REQUIRE(faults.size() == 4);
  CHECK(faults[0].starts_with(path + ":2: item id"));
  CHECK(faults[1].starts_with(path + ":3: empty line"));
  CHECK(faults[2].starts_with(path + ":4: user \"1\" was already on line 1"));
  CHECK(faults[3].starts_with(path + ":5: user \"3\" has no items"));
  CHECK(faults_of_s3rec_text(path, 2).size() == 2);
  CHECK(faults_of_s3rec_text(folder.write("good.txt", "1 1 2 3 4\n")).empty());
}

TEST_CASE("The fingerprint depends on sequences and catalogue, not on names") {
  const std::string fingerprint = read("1 1 2 3 4\n2 5 6 7 8\n").fingerprint;
  CHECK(fingerprint.size() == 16);
  CHECK(read("a 1 2 3 4\nb 5 6 7 8\n").fingerprint == fingerprint);
  CHECK(read("2 5 6 7 8\n1 1 2 3 4\n").fingerprint != fingerprint);
  CHECK(read("1 1 2 3 4\n2 5 6 8 7\n").fingerprint != fingerprint);
  CHECK(read("1 1 2 3 4 5\n2 6 7 8 5\n").fingerprint != read("1 1 2 3 4\n2 5 6 7 8 5\n").fingerprint);
  CHECK(read("1 1 2 3 4\n2 5 6 7 8\n3 9\n").fingerprint != fingerprint);
}

}  // namespace
}  // namespace cce
