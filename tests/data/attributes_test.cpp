#include "data/attributes.h"

#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

Attributes read(std::string_view content, int32_t max_item = 10) {
  const TemporaryFolder folder;
  return read_attributes(folder.write("a.json", content), max_item);
}

std::string complaint(std::string_view content) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.json", content);
  const std::string message = message_of([&] { read_attributes(path, 10); });
  REQUIRE(message.starts_with(path + ": "));
  return message.substr(path.size() + 2);
}

std::vector<int32_t> of(const Attributes& attributes, int64_t item) {
  const std::span<const int32_t> ids = attributes.of(item);
  return {ids.begin(), ids.end()};
}

TEST_CASE("Attributes are read for every row of the item table, each id once and ascending") {
  const Attributes attributes = read(R"({"4": [3, 1, 3, 2], "10": [5], "2": []})");
  CHECK(attributes.item_rows() == 12);
  CHECK(attributes.count == 6);
  CHECK(of(attributes, 4) == std::vector<int32_t>{1, 2, 3});
  CHECK(of(attributes, 10) == std::vector<int32_t>{5});
  for (const int64_t item : {0, 1, 2, 3, 5, 9, 11}) CHECK(of(attributes, item).empty());
}

TEST_CASE("Attributes of unknown, repeated or malformed items are refused with the item") {
  CHECK(complaint(R"({"11": [1]})") == "item \"11\" is not in the data, whose items are 1 to 10");
  CHECK(complaint(R"({"0": [1]})") == "item \"0\" is not in the data, whose items are 1 to 10");
  CHECK(complaint(R"({"-1": [1]})") == "item \"-1\" is not in the data, whose items are 1 to 10");
  CHECK(complaint(R"({"": [1]})") == "item \"\" is not in the data, whose items are 1 to 10");
  CHECK(complaint(R"({"x\u0001": [1]})") == "item \"x\\x01\" is not in the data, whose items are 1 to 10");
  CHECK(complaint(R"({"99999999999": [1]})") ==
        "item \"99999999999\" is not in the data, whose items are 1 to 10");
  CHECK(complaint(R"({"3": [1], "3": [2]})") == "item \"3\" occurs twice");
  CHECK(complaint(R"({"3": [1], "03": [2]})") == "item \"3\" occurs twice");
}

TEST_CASE("Attributes that are no whole numbers in range are refused with the item") {
  CHECK(complaint(R"({"3": [1, -2]})") == "item \"3\" has the negative attribute -2");
  const std::string end = " where a list of whole numbers was expected";
  CHECK(complaint(R"({"3": [1.5]})") == "item \"3\" has a fraction" + end);
  CHECK(complaint(R"({"3": ["1"]})") == "item \"3\" has text" + end);
  CHECK(complaint(R"({"3": [null]})") == "item \"3\" has null" + end);
  CHECK(complaint(R"({"3": [true]})") == "item \"3\" has true or false" + end);
  CHECK(complaint(R"({"3": 7})") == "item \"3\" has a number" + end);
  CHECK(complaint(R"({"3": -7})") == "item \"3\" has a number" + end);
  CHECK(complaint(R"({"3": [[1]]})") == "item \"3\" has a list" + end);
  CHECK(complaint(R"({"3": {"4": 1}})") == "item \"3\" has an object" + end);
  CHECK(complaint(R"({"3": [10000001]})") ==
        "item \"3\" has attribute 10000001, above 10000000, the largest that is read");
  CHECK(complaint(R"({"3": [18446744073709551615]})") ==
        "item \"3\" has attribute 18446744073709551615, above 10000000, the largest that is read");
}

TEST_CASE("A file that is no JSON object of lists is refused") {
  const std::string form = ", expected {\"item\": [attribute, ...], ...}";
  CHECK(complaint("[1]") == "found a list" + form);
  CHECK(complaint("5") == "found a number" + form);
  CHECK(complaint("\"x\"") == "found text" + form);
  CHECK(complaint("") == "is not JSON from byte 1 on" + form);
  CHECK(complaint(R"({"3": [1)") == "is not JSON from byte 9 on" + form);
  CHECK(complaint(R"({"3": [1]} x)") == "is not JSON from byte 12 on" + form);
  CHECK(complaint("{\"\xFF\": [1]}") == "is not JSON from byte 3 on" + form);
  CHECK(complaint("{}") == "gives no item an attribute");
  CHECK(complaint(R"({"3": []})") == "gives no item an attribute");
  CHECK(complaint(std::string(100'000, '[')) == "found a list" + form);
  CHECK(complaint(R"({"3": )" + std::string(100'000, '[')).starts_with("item \"3\" has a list"));
}

TEST_CASE("Attributes that are no UTF-8 text, or too many bytes, are refused as what they are") {
  using namespace std::string_view_literals;
  CHECK(complaint("\xFF\xFE{\0"sv) == "is UTF-16 text; convert it: iconv -f UTF-16 -t UTF-8");
  CHECK(complaint("\x1F\x8B\x08"sv) == "is compressed; unpack it first: gunzip");
  CHECK(read("\xEF\xBB\xBF{\r\n\"4\": [1]\r\n}\r\n").count == 2);
  const TemporaryFolder folder;
  const std::string path = folder.write("a.json", "{\"4\": [1\0"sv);
  CHECK(message_of([&] { read_attributes(path, 10); }) ==
        path + ":1: contains a NUL byte, so it is not a text file");
  std::filesystem::resize_file(path, int64_t{1} << 30);
  CHECK(message_of([&] { read_attributes(path, 10); }) ==
        path + ": has 1073741824 bytes, more than the 268435456 that are read");
}

TEST_CASE("A file cut anywhere or with any bit flipped ends in attributes or in one line") {
  const TemporaryFolder folder;
  const std::string good = R"({"4": [3, 1, 2], "10": [5]})";
  int refused = 0;
  const auto try_reading = [&](const std::string& content) {
    const std::string path = folder.write("a.json", content);
    try {
      const Attributes attributes = read_attributes(path, 10);
      CHECK(attributes.offsets.back() == std::ssize(attributes.ids));
    } catch (const Error& error) {
      CHECK(std::string(error.what()).starts_with(path + ":"));
      ++refused;
    }
  };
  for (size_t size = 0; size < good.size(); ++size) try_reading(good.substr(0, size));
  CHECK(refused == static_cast<int>(good.size()));
  for (size_t bit = 0; bit < 8 * good.size(); ++bit) {
    std::string flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    try_reading(flipped);
  }
  CHECK(refused < static_cast<int>(9 * good.size()));
}

TEST_CASE("The fingerprint of attributes depends on which item has which, not on their order") {
  const std::string fingerprint = content_fingerprint(attributes_from({{1, 3}, {1, 5}, {2, 3}}, 4));
  CHECK(fingerprint.size() == 16);
  CHECK(content_fingerprint(attributes_from({{2, 3}, {1, 5}, {1, 3}, {1, 3}}, 4)) == fingerprint);
  CHECK(content_fingerprint(attributes_from({{1, 3}, {2, 5}, {2, 3}}, 4)) != fingerprint);
  CHECK(content_fingerprint(attributes_from({{1, 3}, {1, 5}, {3, 3}}, 4)) != fingerprint);
  CHECK(content_fingerprint(attributes_from({{1, 3}, {1, 6}, {2, 3}}, 4)) != fingerprint);
}

TEST_CASE("A missing attributes file is named") {
  const TemporaryFolder folder;
  CHECK(message_of([&] { read_attributes(folder / "none.json", 10); }) ==
        folder / "none.json" + ": cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace cce
