// What files of metadata tell about the items: brands, categories, genres, tags.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/id_map.h"
#include "data/raw/raw_lines.h"

namespace cce {

struct AttributeChoice {
  std::string item;                  ///< column of the item, if there is one; else: as usually named
  std::vector<std::string> columns;  ///< of the attributes; empty: those that are known
  int64_t core = 1;                  ///< fewest items that have an attribute
};

/// The attributes of a data set's items, numbered from 1 by their first occurrence.
struct ItemAttributes {
  struct Of {
    int32_t item;
    std::vector<int32_t> attributes;  ///< each once, as they stand in the file
  };
  std::vector<Of> items;  ///< those that have some, in the order of the file
  IdMap attributes;
};

/// Reads a file that describes items: Amazon's metadata (brand, and of each path of categories all but the
/// first, which all products share), Yelp's business.json (categories), MovieLens' movies (genres), and any
/// csv, tsv, RecBole's .item or JSON lines whose columns are named. Several values in a field have "|"
/// between them (Yelp: ","; RecBole's token_seq: blanks). An item may be described by several lines. Items
/// that are not in `items` are passed over. A line that cannot be read is handed to `on_fault`. Throws where
/// no item gets an attribute.
ItemAttributes read_item_attributes(RawLines lines, const AttributeChoice& choice, const IdMap& items,
                                    const OnFault& on_fault);

/// {"item": [attribute, ...], ...}: what read_attributes() reads.
std::string to_json(const ItemAttributes& attributes);

}  // namespace cce
