#include "tools/markup.h"

#include <algorithm>
#include <cstdint>

namespace cce {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// A lead byte's number of bytes, the bits of it that count, and the smallest character so encoded; length 0
/// for what leads nothing.
struct Lead {
  size_t length;
  uint32_t bits, least;
};
Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >> 5 == 0x6) return {2, byte & 0x1Fu, 0x80};
  if (byte >> 4 == 0xE) return {3, byte & 0x0Fu, 0x800};
  if (byte >> 3 == 0x1E) return {4, byte & 0x07u, 0x10000};
  return {0, 0, 0};
}

/// The characters of XML 1.0, without the control characters that it merely discourages.
bool is_allowed(uint32_t character) {
  if (character < 0x20) return character == '\t' || character == '\n' || character == '\r';
  if (character >= 0x7F && character < 0xA0) return false;
  const bool surrogate = character >= 0xD800 && character < 0xE000;
  return !surrogate && character != 0xFFFE && character != 0xFFFF && character < 0x110000;
}

/// The bytes of the character at the start of `text`; 0 if there is no allowed one.
size_t character_length(std::string_view text) {
  auto [length, character, least] = lead_of(static_cast<unsigned char>(text.front()));
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >> 6 != 2) return 0;
    character = character << 6 | (byte & 0x3Fu);
  }
  return character >= least && is_allowed(character) ? length : 0;
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

size_t character_count(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; }));
}

}  // namespace cce
