#include "data/raw/json_scanner.h"

#include "tests/data/raw/raw_files.h"

namespace cce {
namespace {

using testing::Texts;

/// The members of an object whose values are texts or numbers, "key=value"; or what is wrong.
Texts members(std::string_view line) {
  Texts all;
  JsonScanner scanner(line);
  std::string_view key;
  std::string key_buffer, buffer;
  try {
    scanner.begin_object();
    for (bool first = true; scanner.next_member(key, key_buffer, first);) {
      const std::string name(key);
      all.push_back(name + "=" + std::string(scanner.string_or_number(buffer)));
    }
    scanner.end();
  } catch (const JsonFault& fault) {
    return {message_of(fault)};
  }
  return all;
}

/// What is wrong with an object none of whose values is looked at; "" where nothing is.
std::string problem(std::string_view line) {
  try {
    json_keys(line);
    return "";
  } catch (const JsonFault& fault) {
    return message_of(fault);
  }
}

TEST_CASE("Text and numbers are read, with JSON's escapes and with Python's") {
  CHECK(members(R"({"a": "x", "b": -1.5e3, "" : ""})") == Texts{"a=x", "b=-1.5e3", "="});
  CHECK(members(R"({"a\n": "\"\\\/\b\f\n\r\t"})") == Texts{"a\n=\"\\/\b\f\n\r\t"});
  CHECK(members(R"({"a": "\u00e9\u20AC\ud83d\ude00"})") == Texts{"a=\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"});
  CHECK(members(R"({"a": "\ud83d x", "b": "\ude00", "c": "\ud83d\u0041"})") ==
        Texts{"a=\xEF\xBF\xBD x", "b=\xEF\xBF\xBD", "c=\xEF\xBF\xBD"});
  CHECK(members(R"({'a': 'it\'s', 'b': "it's", 'c': 'caf\xc3\xa9'})") ==
        Texts{"a=it's", "b=it's", "c=caf\xC3\xA9"});
  CHECK(members("{}").empty());
}

TEST_CASE("Values that are not wanted are passed over, whatever they are") {
  CHECK(json_keys(R"({"a": [1, [2, {"x": "]}"}], []], "b": {"c": {}}, "d": null, "e": true, "f": "\"}"})") ==
        Texts{"a", "b", "d", "e", "f"});
  CHECK(json_keys("{'a': None, 'b': True, 'c': [False]}") == Texts{"a", "b", "c"});
}

TEST_CASE("A text ends at the first quote that is not escaped, also where there are millions of escapes") {
  CHECK(json_keys(R"({"a": "\\\\", "b": "\\\"", "c": "\"\\"})") == Texts{"a", "b", "c"});
  CHECK(members(R"({"a": "\\\\", "b": "\\\"", "c": "\"\\"})") == Texts{"a=\\\\", "b=\\\"", "c=\"\\"});
  std::string escapes, quotes;  // what took the square of their number would not end
  for (int i = 0; i < 4'000'000; ++i) escapes += "\\n", quotes += "\\\"";
  const std::string line = "{\"a\": \"" + escapes + "\", \"b\": \"" + quotes + "\"}";
  CHECK(json_keys(line) == Texts{"a", "b"});
  const Texts read = members(line);
  REQUIRE(read.size() == 2);
  CHECK((read[0] == "a=" + std::string(4'000'000, '\n')));
  CHECK((read[1] == "b=" + std::string(4'000'000, '"')));
}

TEST_CASE("What is no object is told with its byte") {
  CHECK(members("") == Texts{"is not JSON at byte 0: an object is expected"});
  CHECK(members("[1]") == Texts{"is not JSON at byte 0: an object is expected"});
  CHECK(members(R"({"a" 1})") == Texts{"is not JSON at byte 5: a colon is missing"});
  CHECK(members(R"({"a": 1 "b": 2})") == Texts{"is not JSON at byte 8: a comma or an end is missing"});
  CHECK(members(R"({"a": 1)") == Texts{"is not JSON at byte 7: a comma or an end is missing"});
  CHECK(members(R"({1: 1})") == Texts{"is not JSON at byte 1: a key is expected"});
  CHECK(members(R"({"a": x})") == Texts{"is not JSON at byte 6: a value is expected"});
  CHECK(members(R"({"a": null})") == Texts{"has another value at byte 6: text or a number is expected"});
  CHECK(members(R"({"a": "open})") == Texts{"is not JSON at byte 6: a text is not closed"});
  CHECK(members(R"({"a": "\)") == Texts{"is not JSON at byte 6: a text is not closed"});
  CHECK(members(R"({"a": "\u12"})") == Texts{"is not JSON at byte 9: hex digits are missing"});
  CHECK(members(R"({"a": "\u"})") == Texts{"is not JSON at byte 9: hex digits are missing"});
  CHECK(members(R"({"a": "\u")") == Texts{"is not JSON at byte 9: hex digits are missing"});
  CHECK(members(R"({'a': '\x')") == Texts{"is not JSON at byte 9: hex digits are missing"});
  CHECK(members(R"({"a": "\q"})").front().find("needs none") != std::string::npos);
  CHECK(members(R"({"a": 1} x)") == Texts{"is not JSON at byte 9: something follows the object"});
  CHECK(problem(R"({"a": [1, 2})").find("a comma or an end is missing") != std::string::npos);
  CHECK(problem(R"({"a": "\)").find("a text is not closed") != std::string::npos);
  CHECK(problem("{\"a\": " + std::string(60, '[') + std::string(60, ']') + "}").empty());
  CHECK(problem("{\"a\": " + std::string(100'000, '[')).find("nested too deep") != std::string::npos);
}

}  // namespace
}  // namespace cce
