#include "tools/history_line.h"

#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;
using Items = std::vector<int32_t>;
using Names = std::vector<std::string>;

const ItemIds kIds(100);

GivenHistory parse(std::string_view line) {
  return parse_history(line, kIds, "line 7");
}

TEST_CASE("a history is ids with blanks or commas between them, a JSON list, or a JSON object") {
  for (const char* line :
       {"17 93 4", "17,93,4", " 17, 93\t4 ", "17 \"93\",4", "[17, 93, 4]", "[\"17\", 93, \"4\"]",
        R"({"history": [17, 93, 4]})", R"( {"user": "Ann", "history": ["17", "93", "4"]} )"}) {
    CAPTURE(std::string(line));
    CHECK(parse(line).items == Items{17, 93, 4});
    CHECK(parse(line).unknown.empty());
  }
  CHECK(parse("").items.empty());
  CHECK(parse(R"({"user": "Ann \"A\"", "history": []})").user_json == R"("Ann \"A\"")");
  CHECK(parse(R"({"user": 12, "history": []})").user_json == "12");
}

TEST_CASE("unknown items are left out, by name") {
  const GivenHistory given = parse(R"({"history": [17, 101, "0", "x y", -3, 4]})");
  CHECK(given.items == Items{17, 4});
  CHECK(parse("0 101 x 1.5 +3 100").unknown == Names{"0", "101", "x", "1.5", "+3"});
  CHECK(parse("0 101 x 1.5 +3 100").items == Items{100});
}

TEST_CASE("one item is JSON where it begins so, and else stands as it is") {
  const auto item = [](std::string_view text) { return parse_item(text, "--item"); };
  for (const char* text : {"a b, c", "\"a b, c\"", "[\"a b, c\"]"}) CHECK(item(text) == "a b, c");
  CHECK(item("[17]") == "17");
  CHECK(item("\"[REC]\"") == "[REC]");
  CHECK(item("5\" pipe") == "5\" pipe");
  CHECK(message_of([&] { item("[1, 2]"); }) == "--item: expected a list of one id, got 2");
  CHECK(message_of([&] { item("[1.5]"); }) == "--item: an item id is neither a string nor a whole number");
  CHECK(message_of([&] { item("[REC]"); }) == "--item: is not JSON at byte 2");
  CHECK(message_of([&] { item("\"a\" b"); }) == "--item: expected one id, but something follows a");
}

TEST_CASE("a line that is no history is refused, with its place") {
  CHECK(message_of([] { parse("{\"history\": [1,"); }).starts_with("line 7: is not JSON at byte"));
  CHECK(message_of([] { parse("{\"user\": 1}"); }) == "line 7: \"history\" is missing");
  CHECK(message_of([] { parse("{\"history\": 5}"); }) == "line 7: \"history\" is not a list of item ids");
  CHECK(message_of([] { parse("{\"history\": [1.5]}"); }) ==
        "line 7: an item id is neither a string nor a whole number");
  CHECK(message_of([] { parse("{\"user\": [], \"history\": []}"); }) ==
        "line 7: \"user\" is neither a string nor a number");
  CHECK(message_of([] { parse("{\"history\": [], \"histori\": []}"); }) == "line 7: unknown key \"histori\"");
  CHECK(message_of([] { parse("{\"history\": [], \"history\": []}"); }) ==
        "line 7: the key \"history\" comes twice");
  for (const std::string& deep : {std::string("[[[[[[1]]]]]]"), std::string(100'000, '['),
                                  "{\"history\": " + std::string(100'000, '[')}) {
    CHECK(message_of([&] { parse(deep); }) == "line 7: JSON is nested too deep");
  }
}

TEST_CASE("an answer is a line of JSON") {
  const std::vector<ScoredItem> best{{93, 1.5}, {4, -0.25}};
  const std::vector<ScoredItem> rounded{{93, 0.1F}};
  CHECK(to_json(parse("1 2"), rounded, kIds) == R"({"items":[93],"scores":[0.1]})");
  CHECK(to_json(parse("1 2"), best, kIds) == R"({"items":[93,4],"scores":[1.5,-0.25]})");
  CHECK(to_json(parse(R"({"user": "Ann", "history": ["zebra"]})"), {}, kIds) ==
        R"({"user":"Ann","items":[],"scores":[],"unknown":["zebra"]})");
  CHECK(to_json(parse("\xFF"), {}, kIds) == "{\"items\":[],\"scores\":[],\"unknown\":[\"\xEF\xBF\xBD\"]}");
  CHECK(error_json(3, "line 3: \"x\"") == R"({"line":3,"error":"line 3: \"x\""})");
}

}  // namespace
}  // namespace cce
