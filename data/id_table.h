// Texts and the numbers 0, 1, 2, ... that stand for them, in the order in which they were added.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cce {

/// Takes the bytes of the texts and some 20 bytes for each: made for millions.
class IdTable {
 public:
  /// The number of `text`, which is added where it is new. Throws behind 2^31 - 2 texts.
  int32_t add(std::string_view text);
  std::optional<int32_t> find(std::string_view text) const;
  /// Valid until the next add().
  std::string_view text(int32_t number) const {
    const auto at = static_cast<size_t>(number);
    return std::string_view(texts_).substr(ends_[at], ends_[at + 1] - ends_[at]);
  }
  int32_t size() const { return static_cast<int32_t>(ends_.size()) - 1; }

 private:
  /// A number and the hash of its text, side by side, so that most searches look at the text itself once.
  struct Slot {
    uint32_t hash = 0;
    int32_t number = -1;  // -1: free
  };
  size_t slot_of(std::string_view text, uint32_t hash) const;
  void grow();

  std::string texts_;              // one after another
  std::vector<uint64_t> ends_{0};  // text i is [ends_[i], ends_[i + 1])
  std::vector<Slot> slots_;        // by hash, with linear probing
};

}  // namespace cce
