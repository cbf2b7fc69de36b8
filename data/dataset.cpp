#include "data/dataset.h"

#include <algorithm>

#include "data/fingerprint.h"
#include "data/split.h"
#include "engine/error.h"

namespace cce {

Dataset dataset_from(std::string name, const std::vector<std::vector<int32_t>>& sequences) {
  Dataset dataset;
  dataset.name = std::move(name);
  for (const std::vector<int32_t>& sequence : sequences) {
    require(static_cast<int64_t>(sequence.size()) >= kFewestItems,
            "[dataset] expected at least {} items, got {}", kFewestItems, sequence.size());
    for (const int32_t item : sequence) require(item >= 1, "[dataset] item id {} is not positive", item);
    dataset.users.push_back(fmt::format("{}", dataset.users.size() + 1));
    dataset.items.insert(dataset.items.end(), sequence.begin(), sequence.end());
    dataset.offsets.push_back(dataset.interactions());
    dataset.max_item = std::max(dataset.max_item, std::ranges::max(sequence));
  }
  dataset.fingerprint = content_fingerprint(dataset);
  return dataset;
}

std::string content_fingerprint(const Dataset& dataset) {
  Fingerprint fingerprint;
  fingerprint.add(static_cast<uint32_t>(dataset.max_item));
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    const std::span<const int32_t> sequence = dataset.sequence(user);
    fingerprint.add(static_cast<uint32_t>(sequence.size()));
    for (const int32_t item : sequence) fingerprint.add(static_cast<uint32_t>(item));
  }
  return fingerprint.str();
}

DatasetSummary summarize(const Dataset& dataset, int max_length) {
  DatasetSummary summary{};
  summary.users = dataset.user_count();
  summary.interactions = dataset.interactions();
  summary.shortest = summary.users == 0 ? 0 : dataset.interactions();
  std::vector<bool> occurs(static_cast<size_t>(dataset.item_rows()));
  std::vector<int32_t> distinct;
  for (int64_t user = 0; user < summary.users; ++user) {
    const std::span<const int32_t> sequence = dataset.sequence(user);
    const auto length = static_cast<int64_t>(sequence.size());
    summary.shortest = std::min(summary.shortest, length);
    summary.longest = std::max(summary.longest, length);
    summary.training_positions += std::ssize(split_input(dataset, user, Split::train, max_length));
    for (const int32_t item : sequence) occurs[item] = true;
    distinct.assign(sequence.begin(), sequence.end());
    std::ranges::sort(distinct);
    summary.repeats += distinct.end() - std::unique(distinct.begin(), distinct.end());
  }
  summary.items = std::ranges::count(occurs, true);
  const auto users = static_cast<double>(std::max<int64_t>(summary.users, 1));
  summary.mean_length = static_cast<double>(summary.interactions) / users;
  summary.pad_share = 1 - static_cast<double>(summary.training_positions) / (users * max_length);
  return summary;
}

}  // namespace cce
