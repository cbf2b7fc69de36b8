#include "data/id_map.h"

#include <algorithm>

#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;

TEST_CASE("An id table numbers texts by their first occurrence, also many of them") {
  IdTable table;
  CHECK(!table.find("a"));
  CHECK(table.add("a") == 0);
  CHECK(table.add("") == 1);
  CHECK(table.add("a") == 0);
  CHECK(table.find("") == 1);
  for (int i = 0; i < 10'000; ++i) CHECK(table.add(fmt::format("id {}", i)) == i + 2);
  for (int i = 0; i < 10'000; ++i) {
    CHECK(table.find(fmt::format("id {}", i)) == i + 2);
    CHECK(table.text(i + 2) == fmt::format("id {}", i));
  }
  CHECK(table.size() == 10'002);
  CHECK(!table.find("id 10000"));
}

IdMap map_of(const std::vector<std::string>& raw) {
  IdMap map{"item", "0123456789abcdef", {}};
  for (const std::string& id : raw) map.ids.add(id);
  return map;
}

TEST_CASE("A map of ids is read back as it was written, whatever the ids are") {
  const std::vector<std::string> raw{"B0001",       "a b",         "tab\there",
                                     "back\\slash", "line\nfeed",  "cr\r",
                                     "\"quoted\"",  "caf\xC3\xA9", "caf\xC3\xA9 in UTF-8",
                                     " ",           "\\t"};
  const IdMap map = map_of(raw);
  const std::string tsv = to_tsv(map);
  CHECK(tsv.starts_with(
      "item\traw\tdata:0123456789abcdef\n1\tB0001\n2\ta b\n3\ttab\\there\n4\tback\\\\slash\n"));
  CHECK(std::ranges::count(tsv, '\n') == std::ssize(raw) + 1);
  const IdMap again = parse_id_map(tsv, "items.tsv");
  CHECK(again.kind == "item");
  CHECK(again.fingerprint == "0123456789abcdef");
  REQUIRE(again.size() == std::ssize(raw));
  for (int32_t number = 1; number <= again.size(); ++number) {
    CHECK(again.raw(number) == raw[static_cast<size_t>(number) - 1]);
    CHECK(again.find(again.raw(number)) == number);
  }
  CHECK(!again.find("1"));
}

TEST_CASE("A map of ids may lack the fingerprint and the last line end, and have CR LF") {
  const IdMap map = parse_id_map("user\traw\r\n1\tAnn\r\n2\tBo", "users.tsv");
  CHECK(map.kind == "user");
  CHECK(map.fingerprint.empty());
  CHECK(map.raw(2) == "Bo");
}

TEST_CASE("What is no map of ids is refused, with its line") {
  const auto complaint = [](std::string_view tsv) { return message_of([&] { parse_id_map(tsv, "m.tsv"); }); };
  const std::string header =
      "m.tsv:1: is not the header of a map of ids: item, raw, data:FINGERPRINT, with "
      "tabs between them";
  for (const char* tsv : {"", "item", "thing\traw\n", "item\tid\n", "item\traw\tother\n"}) {
    CHECK(complaint(tsv) == header);
  }
  CHECK(complaint("item\traw\n1\ta\n3\tb\n") == "m.tsv:3: begins with \"3\", expected the number 2");
  CHECK(complaint("item\traw\nx\n") == "m.tsv:2: begins with \"x\", expected the number 1");
  CHECK(complaint("item\traw\n1\ta\n2\ta\n") == "m.tsv:3: the raw id \"a\" was there before");
  CHECK(complaint("item\traw\n1\t\n") == "m.tsv:2: has no raw id");
  CHECK(complaint("item\traw\n1\tcaf\xE9\n") ==
        "m.tsv:2: the raw id \"caf\\xe9\" is not UTF-8; convert the map: iconv -f latin1 -t utf-8");
  CHECK(parse_id_map("attribute\traw\n1\tcaf\xE9\n", "m.tsv").raw(1) == "caf\xE9");
  for (const char* bad : {"a\\", "a\\x", "a\tb"}) {
    CHECK(complaint(std::string("item\traw\n1\t") + bad).find("that is not written \\t or \\\\") !=
          std::string::npos);
  }
}

TEST_CASE("The map of items is beside the sequences") {
  CHECK(item_map_beside("a/shop.txt") == "a/shop_items.tsv");
  CHECK(item_map_beside("shop") == "shop_items.tsv");
}

}  // namespace
}  // namespace cce
