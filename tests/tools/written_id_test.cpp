#include "tools/written_id.h"

#include "tests/data/files.h"

namespace cce {
namespace {

using testing::message_of;

std::string taken(std::string_view text) {
  return take_written_id(text, "here");
}

TEST_CASE("An id is written as it is, or where it would be taken for something else as JSON") {
  for (const char* plain : {"B-17", "7", "-5", "café", "5\"pipe", "back\\slash", "it's", "a[1]{2}"})
    CHECK(written_id(plain) == plain);
  CHECK(written_id("with blanks") == R"("with blanks")");
  CHECK(written_id("comma,") == R"("comma,")");
  CHECK(written_id("\"quoted\"") == R"("\"quoted\"")");
  CHECK(written_id("[REC]") == R"("[REC]")");
  CHECK(written_id("{x") == R"("{x")");
  CHECK(written_id("") == R"("")");
  CHECK(written_id("\xFF") == "\"\xEF\xBF\xBD\"");
}

TEST_CASE("An id that is written moves no cursor, and is one line") {
  CHECK(written_id("a\tb\nc\x1B[31m") == R"("a\tb\nc\u001b[31m")");
  CHECK(written_id("del\x7F\xC3\xA9") == R"("del\u007f\u00e9")");
  CHECK(written_id("c1\xC2\x9B") == R"("c1\u009b")");
}

TEST_CASE("Every id that is written is taken back, alone and in a list") {
  const std::string longest(4096, 'x');
  for (const std::string& id :
       {std::string("plain"), std::string("a b"), std::string("a,b"), std::string("a\tb"), std::string("\""),
        std::string("\\"), std::string("\\\\\""), std::string("[]"), std::string("\x7F\xC2\x80"),
        std::string(" \n"), std::string("日本 😀"), std::string("a\\tb"), longest}) {
    CAPTURE(id);
    CHECK(taken(written_id(id)) == id);
    const std::string list = written_id(id) + ", " + written_id("next");
    std::string_view rest = list;
    CHECK(take_written_id(rest, "here") == id);
    CHECK(rest == ", next");
  }
}

TEST_CASE("What only begins as JSON is refused, saying how it is written") {
  CHECK(message_of([] { taken("\"open"); }) ==
        R"(here: "open has no closing quote; an id with a quote in it is written "an \"id\"")");
  CHECK(message_of([] { taken(R"("a"b)"); }) ==
        R"(here: neither a blank nor a comma follows "a"; an id with a quote in it is written "an \"id\"")");
  CHECK(message_of([] { taken(R"("a\q" b)"); }) == R"(here: "a\q": is not JSON at byte 4)");
}

}  // namespace
}  // namespace cce
