#include "data/raw/prepared_data.h"

#include <algorithm>

#include "data/raw/k_core.h"
#include "data/s3rec_text.h"
#include "tests/data/raw/raw_files.h"

namespace cce {
namespace {

using testing::message_of;
using testing::Texts;

struct Event {
  std::string user, item;
  int64_t time;
};

InteractionLog log_of(const std::vector<Event>& events) {
  InteractionLog log;
  for (const Event& event : events) log.add({event.user, event.item, event.time});
  return log;
}

/// "user: item item" of every user.
Texts sequences_of(const InteractionLog& log, const UserSequences& sequences) {
  Texts texts;
  for (int32_t user = 0; user < log.users().size(); ++user) {
    std::string text = std::string(log.users().text(user)) + ":";
    for (const int32_t item : sequences.of(user)) text += " " + std::string(log.items().text(item));
    texts.push_back(text);
  }
  return texts;
}

Texts sequences_of(const std::vector<Event>& events, Repeats repeats) {
  InteractionLog log = log_of(events);
  const UserSequences sequences = log.take_sequences(repeats);
  CHECK(log.size() == 0);
  return sequences_of(log, sequences);
}

TEST_CASE("Interactions are grouped by user and sorted by time, and equal times keep the order of the file") {
  CHECK(sequences_of({{"bo", "x", 5},
                      {"ann", "a", 9},
                      {"bo", "y", 3},
                      {"ann", "b", 9},
                      {"bo", "z", 5},
                      {"ann", "c", -1}},
                     Repeats::keep) == Texts{"bo: y x z", "ann: c a b"});
}

TEST_CASE("Repeats are kept, or the first in time or in the file of them, or one of those in a row") {
  const std::vector<Event> events{{"u", "a", 5}, {"u", "b", 2},  {"u", "a", 1}, {"u", "a", 6},
                                  {"u", "c", 9}, {"u", "c", 10}, {"v", "a", 1}, {"v", "a", 1}};
  CHECK(sequences_of(events, Repeats::keep) == Texts{"u: a b a a c c", "v: a a"});
  CHECK(sequences_of(events, Repeats::first) == Texts{"u: a b c", "v: a"});
  CHECK(sequences_of(events, Repeats::first_read) == Texts{"u: b a c", "v: a"});
  CHECK(sequences_of(events, Repeats::collapse) == Texts{"u: a b a c", "v: a"});
}

/// The k-core by its definition: users and items with too few are removed, round by round.
Texts slow_core(std::vector<Event> events, int64_t user_core, int64_t item_core) {
  for (size_t before = 0; before != events.size();) {
    before = events.size();
    const std::vector<Event> now = events;
    std::erase_if(events, [&](const Event& event) {
      return std::ranges::count(now, event.user, &Event::user) < user_core ||
             std::ranges::count(now, event.item, &Event::item) < item_core;
    });
  }
  Texts texts;
  for (const Event& event : events) texts.push_back(event.user + " " + event.item);
  std::ranges::sort(texts);
  return texts;
}

Texts fast_core(const std::vector<Event>& events, int64_t user_core, int64_t item_core) {
  InteractionLog log = log_of(events);
  UserSequences sequences = log.take_sequences(Repeats::keep);
  const KCore core = k_core(sequences, log.items().size(), user_core, item_core);
  sequences = without_removed(std::move(sequences), core);
  Texts texts;
  for (int32_t user = 0; user < log.users().size(); ++user) {
    for (const int32_t item : sequences.of(user))
      texts.push_back(fmt::format("{} {}", log.users().text(user), log.items().text(item)));
  }
  std::ranges::sort(texts);
  return texts;
}

TEST_CASE("The k-core is what is left when too few are removed until none are") {
  int emptied = 0, kept = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    uint64_t state = seed;
    const auto draw = [&](uint64_t below) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      return (state >> 33) % below;
    };
    std::vector<Event> events;
    for (uint64_t i = 0; i < 60; ++i)
      events.push_back({fmt::format("u{}", draw(8 + seed % 9)), fmt::format("i{}", draw(6 + seed % 11)),
                        static_cast<int64_t>(i)});
    const auto user_core = static_cast<int64_t>(1 + draw(6)), item_core = static_cast<int64_t>(draw(7));
    const Texts core = fast_core(events, user_core, item_core);
    CHECK(core == slow_core(events, user_core, item_core));
    ++(core.empty() ? emptied : kept);
  }
  CHECK(emptied > 3);
  CHECK(kept > 20);
}

TEST_CASE("Users and items are numbered by their first occurrence in what is left") {
  InteractionLog log = log_of({{"gone", "rare", 1},
                               {"bo", "y", 2},
                               {"bo", "x", 1},
                               {"ann", "y", 1},
                               {"ann", "z", 2},
                               {"ann", "x", 3},
                               {"ann", "y", 4},
                               {"bo", "z", 3},
                               {"bo", "x", 4},
                               {"bo", "rare", 5},
                               {"bo", "z", 6}});
  const PreparedData prepared = prepare(log, {.user_core = 2, .item_core = 3});
  CHECK(s3rec_text(prepared.sequences) == "1 1 2 3 1 3\n2 2 3 1 2\n");
  CHECK(prepared.users.raw(1) == "bo");
  CHECK(prepared.items.raw(1) == "x");
  CHECK(prepared.items.raw(2) == "y");
  CHECK(prepared.core_left_out == 2);
  CHECK(prepared.users_left_out == 1);
  CHECK(prepared.items_left_out == 1);
}

TEST_CASE("What was prepared is read back with the fingerprint that the maps have") {
  const testing::TemporaryFolder folder;
  std::vector<Event> events;
  for (int user = 0; user < 9; ++user) {
    for (int i = 0; i < 3 + user % 3; ++i)
      events.push_back({fmt::format("u{}", user), fmt::format("i{}", (user * i) % 7), i});
  }
  InteractionLog log = log_of(events);
  const PreparedData prepared = prepare(log, {.user_core = 1, .item_core = 1});
  const Dataset read = read_s3rec_text(folder.write("x.txt", s3rec_text(prepared.sequences)));
  CHECK(read.fingerprint == prepared.items.fingerprint);
  CHECK(read.max_item == prepared.items.size());
  const Dataset dataset = dataset_of(prepared, "x");
  CHECK(dataset.items == read.items);
  CHECK(dataset.users == read.users);
  CHECK(dataset.users_left_out == 3);
  CHECK(read.users_left_out == 3);
}

TEST_CASE("Where nothing is left, it is told why") {
  InteractionLog none;
  CHECK(message_of([&] { prepare(none, {}); }) == "there are no interactions to prepare");
  InteractionLog few = log_of({{"u", "a", 1}, {"u", "b", 2}});
  CHECK(message_of([&] { prepare(few, {}); }) ==
        "nothing is left of 2 interactions of 1 users with 2 items: no users have 5 with items that 5 have "
        "(see "
        "--user-core, --item-core)");
  InteractionLog short_ones = log_of({{"u", "a", 1}, {"u", "b", 2}});
  CHECK(message_of([&] { prepare(short_ones, {.user_core = 1, .item_core = 1}); }) ==
        "no user has the 4 items that training, validation and test need");
}

}  // namespace
}  // namespace cce
