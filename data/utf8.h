// UTF-8: whether a text is in it, and how many characters it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cce {

/// A character, and the bytes that it takes; no bytes where there is none.
struct Utf8Character {
  uint32_t code = 0;
  size_t bytes = 0;
};
/// The character that `text`, which has a byte at least, begins with. Overlong forms, surrogates and what
/// lies beyond U+10FFFF are none.
Utf8Character first_character(std::string_view text);

bool is_utf8(std::string_view text);

/// How many characters a UTF-8 text has: its width on a terminal, if each takes a column.
size_t character_count(std::string_view text);

/// Whether the character moves a cursor or changes what follows it instead of being seen (C0, DEL, C1).
bool is_control(uint32_t code);

}  // namespace cce
