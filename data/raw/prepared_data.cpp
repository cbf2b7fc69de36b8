#include "data/raw/prepared_data.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/raw/k_core.h"
#include "data/s3rec_text.h"
#include "engine/error.h"

namespace cce {
namespace {

/// Numbers the users and items that are left by their first occurrence.
void number(UserSequences sequences, const InteractionLog& log, PreparedData& prepared) {
  std::vector<int32_t> number_of_item(static_cast<size_t>(log.items().size()));
  prepared.users.kind = "user", prepared.items.kind = "item";
  for (int32_t user = 0; user < log.users().size(); ++user) {
    const std::span<const int32_t> items = sequences.of(user);
    if (items.empty()) continue;
    prepared.users.ids.add(log.users().text(user));
    prepared.sequences.offsets.push_back(prepared.sequences.offsets.back() + std::ssize(items));
    for (const int32_t item : items) {
      int32_t& number = number_of_item[static_cast<size_t>(item)];
      if (number == 0) number = prepared.items.ids.add(log.items().text(item)) + 1;
    }
  }
  for (int32_t& item : sequences.items) item = number_of_item[static_cast<size_t>(item)];
  prepared.sequences.items = std::move(sequences.items);
}

}  // namespace

PreparedData prepare(InteractionLog& log, const PrepareRules& rules) {
  PreparedData prepared;
  const int64_t read = log.size();
  require(read > 0, "there are no interactions to prepare");
  UserSequences sequences = log.take_sequences(rules.repeats);
  const auto before = std::ssize(sequences.items);
  prepared.repeats_left_out = read - before;
  const KCore core = k_core(sequences, log.items().size(), rules.user_core, rules.item_core);
  number(without_removed(std::move(sequences), core), log, prepared);
  prepared.core_left_out = before - std::ssize(prepared.sequences.items);
  prepared.users_left_out = log.users().size() - prepared.users.size();
  prepared.items_left_out = log.items().size() - prepared.items.size();
  require(prepared.items.size() > 0,
          "nothing is left of {} interactions of {} users with {} items: no users have {} with items that "
          "{} have (see --user-core, --item-core)",
          before, log.users().size(), log.items().size(), rules.user_core, rules.item_core);
  require(prepared.items.size() <= kMaxItem, "{} items are more than the {} that can be trained on",
          prepared.items.size(), kMaxItem);
  const Dataset dataset = dataset_of(prepared, "");
  require(dataset.user_count() > 0, "no user has the {} items that training, validation and test need",
          kFewestItems);
  prepared.users.fingerprint = prepared.items.fingerprint = dataset.fingerprint;
  return prepared;
}

Dataset dataset_of(const PreparedData& prepared, std::string name) {
  Dataset dataset;
  dataset.name = std::move(name);
  dataset.max_item = prepared.items.size();
  for (int64_t user = 0; user < prepared.sequences.user_count(); ++user) {
    const std::span<const int32_t> items = prepared.sequences.of(user);
    if (std::ssize(items) < kFewestItems) {
      ++dataset.users_left_out;
      continue;
    }
    dataset.users.push_back(fmt::format("{}", user + 1));
    dataset.items.insert(dataset.items.end(), items.begin(), items.end());
    dataset.offsets.push_back(dataset.interactions());
  }
  dataset.fingerprint = content_fingerprint(dataset);
  return dataset;
}

std::string s3rec_text(const UserSequences& sequences) {
  std::string text;
  text.reserve(sequences.items.size() * 6);
  for (int64_t user = 0; user < sequences.user_count(); ++user) {
    text += fmt::format_int(user + 1).str();
    for (const int32_t item : sequences.of(user)) {
      const fmt::format_int digits(item);
      text += ' ';
      text.append(digits.data(), digits.size());
    }
    text += '\n';
  }
  return text;
}

}  // namespace cce
