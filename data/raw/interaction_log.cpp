#include "data/raw/interaction_log.h"

#include <algorithm>

namespace cce {
namespace {

/// A user's interaction with an item.
struct Event {
  int64_t time;
  int32_t item;
};

/// Leaves the first of each item's events. `last_user` has, for every item, the user that had it last, plus
/// one.
void keep_first(std::vector<Event>& events, int32_t user, std::vector<int32_t>& last_user) {
  std::erase_if(events, [&](const Event& event) {
    int32_t& last = last_user[static_cast<size_t>(event.item)];
    const bool repeated = last == user + 1;
    last = user + 1;
    return repeated;
  });
}

void collapse(std::vector<Event>& events) {
  const auto same_item = [](const Event& a, const Event& b) { return a.item == b.item; };
  events.erase(std::unique(events.begin(), events.end(), same_item), events.end());
}

}  // namespace

void InteractionLog::add(const Interaction& interaction) {
  entries_.push_back({users_.add(interaction.user), items_.add(interaction.item), interaction.time});
}

UserSequences InteractionLog::take_sequences(Repeats repeats) {
  UserSequences sequences;
  const auto user_count = static_cast<size_t>(users_.size());
  sequences.offsets.assign(user_count + 1, 0);
  for (const Entry& entry : entries_) ++sequences.offsets[static_cast<size_t>(entry.user) + 1];
  for (size_t user = 0; user < user_count; ++user) sequences.offsets[user + 1] += sequences.offsets[user];

  // A counting sort by user, which keeps the order that each user's interactions had.
  std::vector<int64_t> next(sequences.offsets.begin(), sequences.offsets.end() - 1), times(entries_.size());
  sequences.items.resize(entries_.size());
  for (; !entries_.empty(); entries_.pop_front()) {
    const Entry& entry = entries_.front();
    const auto at = static_cast<size_t>(next[static_cast<size_t>(entry.user)]++);
    sequences.items[at] = entry.item, times[at] = entry.time;
  }

  const bool once = repeats == Repeats::first || repeats == Repeats::first_read;
  std::vector<int32_t> last_user(once ? static_cast<size_t>(items_.size()) : 0);
  std::vector<Event> events;
  int64_t kept = 0;
  for (size_t user = 0; user < user_count; ++user) {
    const auto end = static_cast<size_t>(sequences.offsets[user + 1]);
    events.clear();
    for (auto i = static_cast<size_t>(sequences.offsets[user]); i < end; ++i)
      events.push_back({times[i], sequences.items[i]});
    const auto number = static_cast<int32_t>(user);
    if (repeats == Repeats::first_read) keep_first(events, number, last_user);
    if (!std::ranges::is_sorted(events, {}, &Event::time)) std::ranges::stable_sort(events, {}, &Event::time);
    if (repeats == Repeats::first) keep_first(events, number, last_user);
    if (repeats == Repeats::collapse) collapse(events);
    sequences.offsets[user] = kept;  // never behind what was read
    for (const Event& event : events) sequences.items[static_cast<size_t>(kept++)] = event.item;
  }
  sequences.offsets[user_count] = kept;
  sequences.items.resize(static_cast<size_t>(kept));
  return sequences;
}

}  // namespace cce
