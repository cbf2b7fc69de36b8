// Text that comes from outside: reading it, and showing pieces of it in a message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace cce {

/// The largest text that is read, in bytes.
struct TextLimits {
  int64_t file = int64_t{4} << 30;
  size_t line = std::numeric_limits<size_t>::max();
};

/// The whole file, without a leading UTF-8 byte order mark. Throws one line when it is missing, unreadable,
/// no regular file or too large, or visibly no text: UTF-16, compressed, or with NUL bytes (told with the
/// line number). A file that is refused was not held in memory beyond the place where that is seen.
std::string read_text_file(const std::string& path, const TextLimits& limits = {});

/// `text` fit for a message: at most 40 characters of it, with \xHH for what is not printable ASCII.
std::string printable(std::string_view text);

/// Whether it has one of ASCII's control characters, which terminals obey.
bool has_control_characters(std::string_view text);

/// The candidate that `word` is most likely a misspelling of, by edit distance; "" if none is near.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace cce
