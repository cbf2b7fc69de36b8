#include "data/raw/interaction_fields.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "data/text.h"

namespace cce {
namespace {

std::string problem_of_id(std::string_view id, const char* what) {
  if (id.empty()) return fmt::format("has no {}", what);
  if (id.size() > kLongestId)
    return fmt::format("the id of its {} has {} bytes, more than the {} that are read", what, id.size(),
                       kLongestId);
  return id.find('\0') == std::string_view::npos ? "" : fmt::format("the id of its {} has a NUL", what);
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") + 1 - begin);
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
