#include "data/utf8.h"

#include <algorithm>

namespace cce {
namespace {

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

/// Whether the byte goes on with a character that began before it.
bool continues(char byte) {
  return static_cast<unsigned char>(byte) >> 6 == 2;
}

}  // namespace

Utf8Character first_character(std::string_view text) {
  auto [length, code, least] = lead_of(static_cast<unsigned char>(text.front()));
  if (length == 0 || length > text.size()) return {};
  for (const char byte : text.substr(1, length - 1)) {
    if (!continues(byte)) return {};
    code = code << 6 | (static_cast<unsigned char>(byte) & 0x3Fu);
  }
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  return code < least || surrogate || code > 0x10FFFF ? Utf8Character{} : Utf8Character{code, length};
}

bool is_utf8(std::string_view text) {
  unsigned char bits = 0;
  for (const char byte : text) bits |= static_cast<unsigned char>(byte);
  if (bits < 0x80) return true;  // ASCII, as most texts are
  while (!text.empty()) {
    const size_t bytes = first_character(text).bytes;
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

size_t character_count(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(text, [](char byte) { return !continues(byte); }));
}

bool is_control(uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

}  // namespace cce
