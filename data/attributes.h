// Item attributes (categories, brands, ...): what S3-Rec is pre-trained with.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cce {

/// The attributes of every row of an item table, row after row.
struct Attributes {
  /// [item_rows + 1]; item i's attributes are ids[offsets[i]] .. ids[offsets[i + 1] - 1], ascending, each
  /// once.
  std::vector<int64_t> offsets;
  std::vector<int32_t> ids;
  /// Rows of an attribute table: the largest id + 1. The public data sets number theirs from 1.
  int32_t count = 0;

  int64_t item_rows() const { return static_cast<int64_t>(offsets.size()) - 1; }
  std::span<const int32_t> of(int64_t item) const {
    return std::span(ids).subspan(offsets[item], offsets[item + 1] - offsets[item]);
  }
};

/// 16 hex digits that change whenever an item's attributes do.
std::string content_fingerprint(const Attributes& attributes);

/// Reads `{"item": [attribute, ...], ...}`, of at most 256 MB. Every item must be one of 1 .. max_item and
/// occur once; items that are not named have no attributes. Throws one line that names the file and the item.
Attributes read_attributes(const std::string& path, int32_t max_item);

/// The attributes of `pairs` of (item, attribute), in any order; repeats count once.
Attributes attributes_from(std::vector<std::pair<int32_t, int32_t>> pairs, int32_t max_item);

}  // namespace cce
