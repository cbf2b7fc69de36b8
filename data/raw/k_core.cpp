#include "data/raw/k_core.h"

namespace cce {
namespace {

/// For every item, the users that had it, once for each time.
UserSequences transposed(const UserSequences& sequences, int32_t item_count) {
  UserSequences by_item;
  by_item.offsets.assign(static_cast<size_t>(item_count) + 1, 0);
  for (const int32_t item : sequences.items) ++by_item.offsets[static_cast<size_t>(item) + 1];
  for (size_t i = 1; i < by_item.offsets.size(); ++i) by_item.offsets[i] += by_item.offsets[i - 1];
  std::vector<int64_t> next(by_item.offsets.begin(), by_item.offsets.end() - 1);
  by_item.items.resize(sequences.items.size());
  for (int64_t user = 0; user < sequences.user_count(); ++user) {
    for (const int32_t item : sequences.of(user)) {
      by_item.items[static_cast<size_t>(next[static_cast<size_t>(item)]++)] = static_cast<int32_t>(user);
    }
  }
  return by_item;
}

/// Users, or items: how many interactions each still has, and who was removed.
struct Side {
  const UserSequences& partners;  // of the other side
  int64_t core;
  std::vector<int64_t> counts;
  std::vector<bool> left;
  std::vector<int32_t> waiting;  // removed, though their partners have not heard of it

  Side(const UserSequences& those, int64_t least) : partners(those), core(least) {
    const auto size = static_cast<size_t>(those.user_count());
    left.assign(size, true);
    for (size_t i = 0; i < size; ++i) counts.push_back(std::ssize(those.of(static_cast<int64_t>(i))));
    for (size_t i = 0; i < size; ++i) remove_if_too_few(static_cast<int32_t>(i));
  }

  void remove_if_too_few(int32_t number) {
    const auto at = static_cast<size_t>(number);
    if (!left[at] || counts[at] >= core) return;
    left[at] = false;
    waiting.push_back(number);
  }

  /// Tells the other side of those that were removed; false where there were none.
  bool tell(Side& other) {
    if (waiting.empty()) return false;
    while (!waiting.empty()) {
      const int32_t number = waiting.back();
      waiting.pop_back();
      for (const int32_t partner : partners.of(number)) {
        --other.counts[static_cast<size_t>(partner)];
        other.remove_if_too_few(partner);
      }
    }
    return true;
  }
};

}  // namespace

KCore k_core(const UserSequences& sequences, int32_t item_count, int64_t user_core, int64_t item_core) {
  const UserSequences by_item = transposed(sequences, item_count);
  Side users(sequences, user_core), items(by_item, item_core);
  while (users.tell(items) || items.tell(users)) {
  }
  return {std::move(users.left), std::move(items.left)};
}

UserSequences without_removed(UserSequences sequences, const KCore& core) {
  size_t kept = 0;
  for (size_t user = 0; user + 1 < sequences.offsets.size(); ++user) {
    const auto begin = static_cast<size_t>(sequences.offsets[user]);
    const auto end = static_cast<size_t>(sequences.offsets[user + 1]);
    sequences.offsets[user] = static_cast<int64_t>(kept);
    for (size_t i = begin; core.users[user] && i < end; ++i) {
      const int32_t item = sequences.items[i];
      if (core.items[static_cast<size_t>(item)]) sequences.items[kept++] = item;
    }
  }
  sequences.offsets.back() = static_cast<int64_t>(kept);
  sequences.items.resize(kept);
  return sequences;
}

}  // namespace cce
