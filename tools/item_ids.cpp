#include "tools/item_ids.h"

#include <fmt/format.h>

#include <charconv>

namespace cce {
namespace {

/// The whole number that is written so, and not otherwise.
template <class Number>
std::optional<Number> canonical_number(std::string_view text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  const bool whole = error == std::errc() && stopped == end && fmt::format_int(number).size() == text.size();
  return whole ? std::optional(number) : std::nullopt;
}

}  // namespace

ItemIds::ItemIds(int32_t last, std::shared_ptr<const IdMap> map) : last_(last), map_(std::move(map)) {
  for (int32_t number = 1; map_ && numeric_ && number <= last_; ++number)
    numeric_ = canonical_number<int64_t>(map_->raw(number)).has_value();
}

std::optional<int32_t> ItemIds::find(std::string_view name) const {
  const auto number = map_ ? map_->find(name) : canonical_number<int32_t>(name);
  return number && *number >= 1 && *number <= last_ ? number : std::nullopt;
}

std::string ItemIds::name(int32_t number) const {
  return map_ ? std::string(map_->raw(number)) : fmt::format("{}", number);
}

}  // namespace cce
