// The items as the user calls them, and as the model numbers them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cce {

/// The items 1 .. last of a model, by the numbers they have in the data it was trained on.
class ItemIds {
 public:
  explicit ItemIds(int32_t last) : last_(last) {}

  /// The model's number for an item; nothing where there is no such item.
  std::optional<int32_t> find(std::string_view name) const;
  /// What the user calls item `number`.
  std::string name(int32_t number) const;
  /// Whether names are numbers, to be written as such.
  bool numeric() const { return true; }

 private:
  int32_t last_;
};

}  // namespace cce
