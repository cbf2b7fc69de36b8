#include "data/raw/item_attributes.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_set>

#include "data/raw/description_reader.h"
#include "engine/error.h"

namespace cce {
namespace {

/// What was read: which item has which attribute, each pair once.
struct Collected {
  IdTable texts;
  std::vector<std::pair<int32_t, int32_t>> pairs;
  std::unordered_set<uint64_t> known;
  std::vector<int64_t> items_with;  // of each attribute

  void add(int32_t item, std::string_view text) {
    const int32_t attribute = texts.add(text);
    const uint64_t pair = static_cast<uint64_t>(item) << 32 | static_cast<uint32_t>(attribute);
    if (!known.insert(pair).second) return;
    pairs.emplace_back(item, attribute);
    items_with.resize(static_cast<size_t>(texts.size()));
    ++items_with[static_cast<size_t>(attribute)];
  }
};

Collected collect(DescriptionReader& reader, const IdMap& items) {
  Collected collected;
  for (Description description; reader.next(description);) {
    const auto item = items.find(description.item);
    if (!item) continue;
    for (const std::string& attribute : description.attributes) collected.add(*item, attribute);
  }
  return collected;
}

}  // namespace

ItemAttributes read_item_attributes(RawLines lines, const AttributeChoice& choice, const IdMap& items,
                                    const OnFault& on_fault) {
  const std::string name = lines.name();
  const auto reader = read_descriptions(std::move(lines), choice, on_fault);
  const Collected collected = collect(*reader, items);
  ItemAttributes result;
  result.attributes.kind = "attribute";
  result.attributes.fingerprint = items.fingerprint;
  std::vector<int32_t> place(static_cast<size_t>(items.size()) + 1, -1);  // of an item in the result
  for (const auto& [item, attribute] : collected.pairs) {
    if (collected.items_with[static_cast<size_t>(attribute)] < choice.core) continue;
    int32_t& at = place[static_cast<size_t>(item)];
    if (at < 0) {
      at = static_cast<int32_t>(result.items.size());
      result.items.push_back({item, {}});
    }
    const int32_t number = result.attributes.ids.add(collected.texts.text(attribute)) + 1;
    result.items[static_cast<size_t>(at)].attributes.push_back(number);
  }
  require(!result.items.empty(), "{}: gives none of the {} items an attribute", name, items.size());
  return result;
}

std::string to_json(const ItemAttributes& attributes) {
  std::string json = "{";
  for (const ItemAttributes::Of& of : attributes.items) {
    json +=
        fmt::format("{}\"{}\": [{}]", json.size() > 1 ? ", " : "", of.item, fmt::join(of.attributes, ", "));
  }
  return json + "}";
}

}  // namespace cce
