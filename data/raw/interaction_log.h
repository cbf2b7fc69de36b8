// Who had what, when: the interactions of a raw file in 16 bytes each, and what becomes of them.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "data/id_table.h"
#include "data/raw/raw_format.h"

namespace cce {

/// The items of every user from old to new, by the numbers of the tables.
struct UserSequences {
  std::vector<int64_t> offsets{0};  ///< user u's items are [offsets[u], offsets[u + 1])
  std::vector<int32_t> items;

  int64_t user_count() const { return static_cast<int64_t>(offsets.size()) - 1; }
  std::span<const int32_t> of(int64_t user) const {
    return std::span(items).subspan(
        static_cast<size_t>(offsets[static_cast<size_t>(user)]),
        static_cast<size_t>(offsets[static_cast<size_t>(user) + 1] - offsets[static_cast<size_t>(user)]));
  }
};

class InteractionLog {
 public:
  void add(const Interaction& interaction);

  int64_t size() const { return static_cast<int64_t>(entries_.size()); }
  /// In the order in which they first occurred.
  const IdTable& users() const { return users_; }
  const IdTable& items() const { return items_; }

  /// Groups the interactions by user and sorts them by time; equal times stay in the order in which they were
  /// added. Repeats are dealt with as asked for. Leaves the log empty but for its tables.
  UserSequences take_sequences(Repeats repeats);

 private:
  struct Entry {
    int32_t user, item;
    int64_t time;
  };
  IdTable users_, items_;
  std::deque<Entry> entries_;  // grows without copying, and gives memory back from the front
};

}  // namespace cce
