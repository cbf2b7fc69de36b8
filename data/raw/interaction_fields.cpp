#include "data/raw/interaction_fields.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "data/text.h"
#include "data/utf8.h"

namespace cce {
namespace {

/// What no file of a map may have in it.
std::string problem_of_text(std::string_view text, const std::string& what) {
  if (text.size() > kLongestId)
    return fmt::format("{} has {} bytes, more than the {} that are read", what, text.size(), kLongestId);
  return text.find('\0') == std::string_view::npos ? "" : fmt::format("{} has a NUL", what);
}

/// Ids go into answers, which are JSON, and JSON is UTF-8.
std::string problem_of_id(std::string_view id, const char* what) {
  if (id.empty()) return fmt::format("has no {}", what);
  if (!is_utf8(id)) {
    return fmt::format("the id of its {}, \"{}\", is not UTF-8; convert the file: iconv -f latin1 -t utf-8",
                       what, printable(id));
  }
  return problem_of_text(id, fmt::format("the id of its {}", what));
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
}

std::string problem_of_attribute(std::string_view text) {
  return problem_of_text(text, "an attribute");
}

std::string problem_of_ids(const Interaction& interaction) {
  const std::string problem = problem_of_id(interaction.user, "user");
  return problem.empty() ? problem_of_id(interaction.item, "item") : problem;
}

std::string take_time(std::string_view text, TimeReader& times, Interaction& interaction) {
  if (const auto time = times.parse(text)) {
    interaction.time = *time;
    return "";
  }
  if (trimmed(text).empty()) return "has no time (--time-column none takes the order of the file instead)";
  return fmt::format("time \"{}\" is not {}", printable(text), kTimeForms);
}

std::string take_rating(std::string_view text, Interaction& interaction) {
  text = trimmed(text);
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, interaction.rating);
  if (error == std::errc() && stopped == end && std::isfinite(interaction.rating)) return "";
  return text.empty() ? "has no rating" : fmt::format("rating \"{}\" is not a number", printable(text));
}

}  // namespace cce
