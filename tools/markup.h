// Text from anywhere as part of HTML and SVG.
#pragma once

#include <string>
#include <string_view>

namespace cce {

/// `text` as the content of an element or of an attribute between double quotes: nothing in it is markup.
/// What is no UTF-8, or a character that XML does not allow, becomes U+FFFD, the replacement character.
std::string escaped_markup(std::string_view text);

}  // namespace cce
