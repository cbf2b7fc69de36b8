#include "data/id_table.h"

#include <functional>
#include <limits>
#include <utility>

#include "engine/error.h"

namespace cce {
namespace {

uint32_t hash_of(std::string_view text) {
  const uint64_t hash = std::hash<std::string_view>()(text);
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

}  // namespace

/// The slot that has `text`, or the free one where it would be.
size_t IdTable::slot_of(std::string_view wanted, uint32_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    const Slot& there = slots_[slot];
    if (there.number < 0 || (there.hash == hash && text(there.number) == wanted)) return slot;
  }
}

std::optional<int32_t> IdTable::find(std::string_view text) const {
  if (slots_.empty()) return std::nullopt;
  const int32_t number = slots_[slot_of(text, hash_of(text))].number;
  return number < 0 ? std::nullopt : std::optional(number);
}

int32_t IdTable::add(std::string_view text) {
  if (2 * ends_.size() > slots_.size()) grow();
  const uint32_t hash = hash_of(text);
  Slot& slot = slots_[slot_of(text, hash)];
  if (slot.number >= 0) return slot.number;
  require(size() < std::numeric_limits<int32_t>::max() - 1, "more than {} different ids are too many",
          size());
  slot = {hash, size()};
  texts_ += text;
  ends_.push_back(texts_.size());
  return slot.number;
}

void IdTable::grow() {
  constexpr size_t kFewest = 64;
  const std::vector<Slot> before = std::exchange(slots_, {});
  slots_.resize(std::max(2 * before.size(), kFewest));
  const size_t mask = slots_.size() - 1;
  for (const Slot& moved : before) {
    if (moved.number < 0) continue;
    size_t slot = moved.hash & mask;
    while (slots_[slot].number >= 0) slot = (slot + 1) & mask;
    slots_[slot] = moved;
  }
}

}  // namespace cce
