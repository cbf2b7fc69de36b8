// An item's id as the program writes it for a person, and as a person may give it: whatever is printed can be
// given back.
//
// An id stands as it is where nothing in it would be taken for something else. Otherwise it is text in JSON:
// "with blanks", "a\ttab", "\"quoted\"", "[REC]".
#pragma once

#include <string>
#include <string_view>

namespace cce {

/// What stands between ids that are given without JSON.
inline constexpr std::string_view kIdSeparators = ", \t";

/// The id, fit for a terminal: one line that moves no cursor. What is no UTF-8 is replaced.
std::string written_id(std::string_view id);

/// Takes the id that `text` begins with off its front, up to a separator; where it begins with a quote, it is
/// text in JSON. Throws, naming `place`, where that is not closed, or no JSON, or ends before a separator.
std::string take_written_id(std::string_view& text, const std::string& place);

}  // namespace cce
