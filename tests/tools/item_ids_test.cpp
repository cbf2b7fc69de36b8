#include "tools/item_ids.h"

#include "tests/data/files.h"
#include "tools/history_line.h"

namespace cce {
namespace {

ItemIds ids_of(const std::vector<std::string>& raw, int32_t last) {
  auto map = std::make_shared<IdMap>();
  for (const std::string& id : raw) map->ids.add(id);
  return ItemIds(last, map);
}

TEST_CASE("Without a map, items are called by their numbers") {
  const ItemIds ids(12);
  CHECK(ids.find("1") == 1);
  CHECK(ids.find("12") == 12);
  for (const char* name : {"0", "13", "-1", "012", "+1", " 1", "", "x"}) CHECK(!ids.find(name));
  CHECK(ids.name(12) == "12");
  CHECK(ids.numeric());
}

TEST_CASE("With a map, items are called by their raw ids, and by nothing else") {
  const ItemIds ids = ids_of({"B-17", "2", "a b", "beyond"}, 3);
  CHECK(ids.find("B-17") == 1);
  CHECK(ids.find("2") == 2);
  CHECK(!ids.find("1"));
  CHECK(!ids.find("beyond"));  // the map has it, the model does not
  CHECK(ids.name(3) == "a b");
  CHECK(!ids.numeric());
}

TEST_CASE("Raw ids are numbers in JSON where all are written as numbers are") {
  const std::vector<ScoredItem> best{{2, 0.5F}};
  const auto answer = [&](const std::vector<std::string>& raw) { return to_json({}, best, ids_of(raw, 2)); };
  CHECK(answer({"1193", "-661"}) == R"({"items":[-661],"scores":[0.5]})");
  CHECK(answer({"9223372036854775807", "9223372036854775806"}) ==
        R"({"items":[9223372036854775806],"scores":[0.5]})");
  CHECK(answer({"1193", "0000031852"}) == R"({"items":["0000031852"],"scores":[0.5]})");
  CHECK(answer({"9223372036854775808", "1"}) == R"({"items":["1"],"scores":[0.5]})");
  CHECK(ids_of({"1", "2", "x"}, 2).numeric());
  CHECK(parse_history(R"(["a b", 7])", ids_of({"7", "a b"}, 2), "x").items == std::vector<int32_t>{2, 1});
}

}  // namespace
}  // namespace cce
