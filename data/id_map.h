// The ids that users and items have where the data comes from, for the numbers 1, 2, ... that they have here.
//
// As a file, tab-separated text: a header, and a line for each number in their order:
//
//   item  raw  data:0123456789abcdef
//   1     B00004TFKQ
//   2     a tab\tis written so
//
// In a raw id, a tab, a line feed, a carriage return and a backslash are written \t, \n, \r and \\; all other
// bytes are as they are. The header's third field is the fingerprint of the sequences that the map belongs
// to; it may be missing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/id_table.h"

namespace cce {

struct IdMap {
  std::string kind;         ///< what is numbered: "item", "user", "attribute"
  std::string fingerprint;  ///< of the sequences (Dataset::fingerprint); empty: unknown
  IdTable ids;              ///< of number n the text n - 1

  int32_t size() const { return ids.size(); }
  std::string_view raw(int32_t number) const { return ids.text(number - 1); }
  /// The number of a raw id.
  std::optional<int32_t> find(std::string_view raw) const;
};

std::string to_tsv(const IdMap& map);
/// Throws a line that begins with `name` and says what is wrong: numbers that do not follow one another, a
/// raw id that comes twice or is empty, an unknown escape, an item or user that is not UTF-8.
IdMap parse_id_map(std::string_view tsv, const std::string& name);
IdMap read_id_map(const std::string& path);

/// The path of the items' map beside a file of sequences: "shop_items.tsv" for "shop.txt".
std::string item_map_beside(const std::string& sequences);

/// A raw id with the escapes of the file: one line, whatever it is.
std::string escaped_id(std::string_view raw);

}  // namespace cce
