#include "data/id_table.h"

#include <functional>
#include <limits>

#include "engine/error.h"

namespace cce {
namespace {

constexpr int32_t kFree = -1;

uint32_t hash_of(std::string_view text) {
  const uint64_t hash = std::hash<std::string_view>()(text);
  return static_cast<uint32_t>(hash ^ hash >> 32);
}

}  // namespace

/// The slot that has `text`, or the free one where it would be.
size_t IdTable::slot_of(std::string_view wanted, uint32_t hash) const {
  const size_t mask = slots_.size() - 1;
  for (size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    const int32_t number = slots_[slot];
    if (number == kFree) return slot;
    if (hashes_[static_cast<size_t>(number)] == hash && text(number) == wanted) return slot;
  }
}

std::optional<int32_t> IdTable::find(std::string_view text) const {
  if (slots_.empty()) return std::nullopt;
  const int32_t number = slots_[slot_of(text, hash_of(text))];
  return number == kFree ? std::nullopt : std::optional(number);
}

int32_t IdTable::add(std::string_view text) {
  if (2 * (hashes_.size() + 1) > slots_.size()) grow();
  const uint32_t hash = hash_of(text);
  const size_t slot = slot_of(text, hash);
  if (slots_[slot] != kFree) return slots_[slot];
  require(size() < std::numeric_limits<int32_t>::max() - 1, "more than {} different ids are too many",
          size());
  texts_ += text;
  ends_.push_back(texts_.size());
  hashes_.push_back(hash);
  return slots_[slot] = size() - 1;
}

void IdTable::grow() {
  constexpr size_t kFewest = 64;
  slots_.assign(std::max(2 * slots_.size(), kFewest), kFree);
  const size_t mask = slots_.size() - 1;
  for (int32_t number = 0; number < size(); ++number) {
    size_t slot = hashes_[static_cast<size_t>(number)] & mask;
    while (slots_[slot] != kFree) slot = (slot + 1) & mask;
    slots_[slot] = number;
  }
}

}  // namespace cce
