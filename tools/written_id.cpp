#include "tools/written_id.h"

#include <algorithm>

#include "data/text.h"
#include "data/utf8.h"
#include "tools/strict_json.h"

namespace cce {
namespace {

using Json = nlohmann::json;

/// What begins a value of JSON, where a line or an id begins with it.
constexpr std::string_view kJsonBegins = "\"[{";

/// Whether the text has a control character that JSON need not escape.
bool has_late_control(std::string_view text) {
  for (size_t bytes; !text.empty(); text.remove_prefix(std::max<size_t>(bytes, 1))) {
    const Utf8Character character = first_character(text);
    bytes = character.bytes;
    if (bytes > 0 && character.code >= ' ' && is_control(character.code)) return true;
  }
  return false;
}

bool stands_as_it_is(std::string_view id) {
  const bool is_plain = !id.empty() && kJsonBegins.find(id.front()) == std::string_view::npos &&
                        id.find_first_of(kIdSeparators) == std::string_view::npos && is_utf8(id);
  const bool has_early_control = std::ranges::any_of(id, [](unsigned char c) { return c < ' '; });
  return is_plain && !has_early_control && !has_late_control(id);
}

/// The length of the JSON text that `text` begins with, with its quotes; 0 if it is not closed.
size_t length_of_quoted(std::string_view text) {
  for (size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '"') return at + 1;
    at += text[at] == '\\';
  }
  return 0;
}

}  // namespace

std::string written_id(std::string_view id) {
  if (stands_as_it_is(id)) return std::string(id);
  return Json(id).dump(-1, ' ', has_late_control(id), Json::error_handler_t::replace);
}

std::string take_written_id(std::string_view& text, const std::string& place) {
  if (!text.starts_with('"')) {
    const std::string_view id = text.substr(0, text.find_first_of(kIdSeparators));
    text.remove_prefix(id.size());
    return std::string(id);
  }
  const std::string_view quoted = text.substr(0, length_of_quoted(text));
  constexpr const char* kHint = "an id with a quote in it is written \"an \\\"id\\\"\"";
  require(!quoted.empty(), "{}: {} has no closing quote; {}", place, printable(text), kHint);
  text.remove_prefix(quoted.size());
  require(text.empty() || kIdSeparators.find(text.front()) != std::string_view::npos,
          "{}: neither a blank nor a comma follows {}; {}", place, printable(quoted), kHint);
  return parse_strict_json(quoted, fmt::format("{}: {}", place, printable(quoted))).get<std::string>();
}

}  // namespace cce
