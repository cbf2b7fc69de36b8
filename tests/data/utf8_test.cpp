#include "data/utf8.h"

#include <doctest/doctest.h>

#include <string>

namespace cce {

TEST_CASE("UTF-8: characters are counted, not bytes") {
  CHECK(character_count("Zoë – 日本") == 8);
  CHECK(character_count("") == 0);
}

TEST_CASE("UTF-8: a character of each length is read, and what is none has no bytes") {
  const auto read = [](std::string_view text) {
    const auto [code, bytes] = first_character(text);
    return std::pair(code, bytes);
  };
  CHECK(read("az") == std::pair(uint32_t{'a'}, size_t{1}));
  CHECK(read("ëz") == std::pair(uint32_t{0xEB}, size_t{2}));
  CHECK(read("日z") == std::pair(uint32_t{0x65E5}, size_t{3}));
  CHECK(read("😀z") == std::pair(uint32_t{0x1F600}, size_t{4}));
  for (const char* none : {"\x80", "\xC3", "\xC3z", "\xC0\xBC", "\xE0\x80\xBC", "\xED\xA0\x80",
                           "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF"}) {
    CAPTURE(std::string(none));
    CHECK(first_character(none).bytes == 0);
    CHECK_FALSE(is_utf8(std::string("a") + none));
  }
  CHECK(is_utf8(""));
  CHECK(is_utf8(std::string_view("Zoë\0 – 日本 😀", 21)));
}

TEST_CASE("UTF-8: controls are what a terminal does not show") {
  for (const uint32_t code : {0x00u, 0x1Bu, 0x1Fu, 0x7Fu, 0x80u, 0x9Fu}) CHECK(is_control(code));
  for (const uint32_t code : {0x20u, 0x7Eu, 0xA0u, 0xEBu}) CHECK_FALSE(is_control(code));
}

}  // namespace cce
