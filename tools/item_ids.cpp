#include "tools/item_ids.h"

#include <fmt/format.h>

#include <charconv>

namespace cce {

std::optional<int32_t> ItemIds::find(std::string_view name) const {
  int32_t number = 0;
  const char* const end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data(), end, number);
  const bool known = error == std::errc() && stopped == end && number >= 1 && number <= last_;
  return known ? std::optional(number) : std::nullopt;
}

std::string ItemIds::name(int32_t number) const {
  return fmt::format("{}", number);
}

}  // namespace cce
