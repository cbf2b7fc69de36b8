#include "tools/markup.h"

#include <algorithm>
#include <cstdint>

#include "data/utf8.h"

namespace cce {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// The characters of XML 1.0, without the control characters that it merely discourages.
bool is_allowed(uint32_t character) {
  if (character == '\t' || character == '\n' || character == '\r') return true;
  return !is_control(character) && character != 0xFFFE && character != 0xFFFF;
}

/// The bytes of the character at the start of `text`; 0 if there is no allowed one.
size_t character_length(std::string_view text) {
  const auto [code, bytes] = first_character(text);
  return is_allowed(code) ? bytes : 0;
}

std::string_view escape_of(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace

std::string escaped_markup(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const size_t length = character_length(text);
    const std::string_view escape = escape_of(text.front());
    safe += length == 0 ? kReplacement : escape.empty() ? text.substr(0, length) : escape;
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return safe;
}

}  // namespace cce
