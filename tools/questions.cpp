#include "tools/questions.h"

#include <algorithm>
#include <numeric>

#include "data/masking.h"

namespace cce {
namespace {

/// Of a batch: the more users, the less it matters that the item table is packed, or a GPU waited for, once
/// for each; the more positions, the more memory.
struct Most {
  size_t users, positions;
};
constexpr Most most_on(Device device) {
  return device == Device::cpu ? Most{2048, 8192} : Most{16384, 65536};
}
/// Of what users had before the questions that are ranked at once. By timestamp, a long sequence counts once
/// for each of its targets.
constexpr size_t kMostSeen = size_t{4} << 20;

/// How many of the users make a batch: at least one.
size_t batch_size(const Dataset& dataset, std::span<const int32_t> users, int max_length, Most most) {
  size_t count = 0, positions = 0;
  while (count < std::min(users.size(), most.users)) {
    positions += std::min(dataset.sequence(users[count]).size(), static_cast<size_t>(max_length));
    if (count > 0 && positions > most.positions) break;
    ++count;
  }
  return count;
}

}  // namespace

void QuestionList::add(int32_t row, std::span<const int32_t> sequence, int64_t end) {
  rows_.push_back(row);
  answers_.push_back(sequence[static_cast<size_t>(end)]);
  histories_.push_back(sequence.first(static_cast<size_t>(end)));
}

Questions QuestionList::prepared(Device device) const {
  Questions questions{.batch = batch_.on(device)};
  for (size_t begin = 0, end; begin < rows_.size(); begin = end) {
    SeenItems seen;
    size_t seen_at_once = 0;
    for (end = begin; end < rows_.size(); ++end) {
      seen_at_once += histories_[end].size();
      if (end > begin && seen_at_once > kMostSeen) break;
      seen.add_row(histories_[end]);
    }
    const auto part = [&](const std::vector<int32_t>& all) {
      return Tensor::from({static_cast<int64_t>(end - begin)}, std::span(all).subspan(begin, end - begin));
    };
    questions.parts.push_back(
        {part(rows_).to(device), RankQuestions(part(answers_), std::move(seen), device)});
  }
  return questions;
}

Questions questions_at_end(const Dataset& dataset, std::span<const int32_t> users,
                           const std::function<int64_t(int32_t user)>& end_of, int max_length,
                           std::optional<int32_t> blank, Device device) {
  std::vector<Sample> samples;
  for (const int32_t user : users) samples.push_back({user, static_cast<int32_t>(end_of(user))});
  Batch batch = pack_training(dataset, samples, max_length, Augment::prefix);
  if (blank) batch = with_blank(batch, *blank, max_length);
  QuestionList list(std::move(batch));
  const Tensor rows_B = last_rows(list.batch());
  for (size_t b = 0; b < list.batch().users.size(); ++b) {
    const int32_t user = list.batch().users[b];
    list.add(rows_B.span<int32_t>()[b], dataset.sequence(user), end_of(user));
  }
  return list.prepared(device);
}

std::vector<std::vector<int32_t>> users_in_batches(const Dataset& dataset, const std::vector<int32_t>& users,
                                                   int max_length, Device device) {
  std::vector<std::vector<int32_t>> batches;
  for (std::span<const int32_t> left = users; !left.empty();) {
    const auto batch = left.first(batch_size(dataset, left, max_length, most_on(device)));
    batches.emplace_back(batch.begin(), batch.end());
    left = left.subspan(batch.size());
  }
  return batches;
}

std::vector<int32_t> users_by_length(const Dataset& dataset) {
  std::vector<int32_t> users(static_cast<size_t>(dataset.user_count()));
  std::iota(users.begin(), users.end(), 0);
  std::ranges::stable_sort(users, {}, [&](int32_t user) { return dataset.sequence(user).size(); });
  return users;
}

SplitQuestions::SplitQuestions(const Dataset& dataset, Split split, int max_length,
                               std::optional<int32_t> blank, Device device)
    : dataset_(dataset),
      split_(split),
      max_length_(max_length),
      blank_(blank),
      device_(device),
      batches_(users_in_batches(dataset, users_by_length(dataset), max_length, device)) {}

Questions SplitQuestions::made(std::span<const int32_t> users) const {
  const auto end_of = [this](int32_t user) { return std::ssize(split_history(dataset_, user, split_)); };
  return questions_at_end(dataset_, users, end_of, max_length_, blank_, device_);
}

void SplitQuestions::for_each(const std::function<void(const Questions&)>& use) {
  for (size_t i = 0; i < batches_.size(); ++i) {
    if (device_ == Device::cpu) {
      use(made(batches_[i]));
      continue;
    }
    if (i == kept_.size()) kept_.push_back(made(batches_[i]));
    use(kept_[i]);
  }
}

}  // namespace cce
