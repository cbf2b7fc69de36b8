// Text that comes from outside: reading it, and showing pieces of it in a message.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace cce {

/// The largest text file that is read, in bytes.
constexpr int64_t kMaxTextFile = int64_t{4} << 30;

/// The whole file, without a leading UTF-8 byte order mark. Throws one line when it is missing, unreadable,
/// no regular file or too large, or visibly no text: UTF-16, compressed, or with NUL bytes (told with the
/// line number).
std::string read_text_file(const std::string& path);

/// `text` fit for a message: at most 40 characters of it, with \xHH for what is not printable ASCII.
std::string printable(std::string_view text);

/// The candidate that `word` is most likely a misspelling of, by edit distance; "" if none is near.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace cce
