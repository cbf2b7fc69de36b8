// The items as the user calls them, and as the model numbers them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "data/id_map.h"

namespace cce {

/// The items 1 .. last of a model: by their raw ids where there is a map of them, else by the numbers they
/// have in the data it was trained on.
class ItemIds {
 public:
  /// The map may be null; else it has the `last` items at least.
  explicit ItemIds(int32_t last, std::shared_ptr<const IdMap> map = nullptr);

  /// The model's number for an item; nothing where there is no such item.
  std::optional<int32_t> find(std::string_view name) const;
  /// What the user calls item `number`.
  std::string name(int32_t number) const;
  /// Whether all names are whole numbers, as numbers are written ("017" is none), to be written as such.
  bool numeric() const { return numeric_; }

 private:
  int32_t last_;
  std::shared_ptr<const IdMap> map_;
  bool numeric_ = true;
};

}  // namespace cce
