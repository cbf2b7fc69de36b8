#include "tools/questions.h"

#include <algorithm>
#include <numeric>

#include "data/masking.h"

namespace cce {
namespace {

/// Of what users had before the questions that are ranked at once.
constexpr size_t kMostSeen = size_t{4} << 20;

/// How many of the users make a batch: at least one.
size_t batch_size(const Dataset& dataset, std::span<const int32_t> users, int max_length,
                  const BatchLimits& limits) {
  size_t count = 0, positions = 0, items = 0;
  while (count < std::min(users.size(), limits.users)) {
    const size_t length = dataset.sequence(users[count]).size();
    positions += std::min(length, static_cast<size_t>(max_length)), items += length;
    if (count > 0 && (positions > limits.positions || items > limits.items)) break;
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

size_t QuestionList::end_of_part(size_t first) const {
  size_t end = first;
  for (size_t seen = 0; end < size(); ++end) {
    seen += histories_[end].size();
    if (end > first && seen > kMostSeen) break;
  }
  return end;
}

RankQuestions QuestionList::part(size_t first, size_t end, Device device) const {
  SeenItems seen;
  for (size_t i = first; i < end; ++i) seen.add_row(histories_[i]);
  const std::span<const int32_t> answers = std::span(answers_).subspan(first, end - first);
  return RankQuestions(Tensor::from({std::ssize(answers)}, answers), std::move(seen), device);
}

Questions questions_at_end(const Dataset& dataset, std::span<const int32_t> users,
                           const std::function<int64_t(int32_t user)>& end_of, int max_length,
                           std::optional<int32_t> blank, Device device) {
  std::vector<Sample> samples;
  for (const int32_t user : users) samples.push_back({user, static_cast<int32_t>(end_of(user))});
  Batch batch = pack_training(dataset, samples, max_length, Augment::prefix);
  if (blank) batch = with_blank(batch, *blank, max_length);
  batch.targets_T = {};
  QuestionList list(std::move(batch));
  const Tensor rows_B = last_rows(list.batch());
  for (size_t b = 0; b < list.batch().users.size(); ++b) {
    const int32_t user = list.batch().users[b];
    list.add(rows_B.span<int32_t>()[b], dataset.sequence(user), end_of(user));
  }
  return {list.batch().on(device), rows_B.to(device), list.part(0, list.size(), device)};
}

std::vector<std::vector<int32_t>> users_in_batches(const Dataset& dataset, const std::vector<int32_t>& users,
                                                   int max_length, const BatchLimits& limits) {
  std::vector<std::vector<int32_t>> batches;
  for (std::span<const int32_t> left = users; !left.empty();) {
    const auto batch = left.first(batch_size(dataset, left, max_length, limits));
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

SplitQuestions::SplitQuestions(const Dataset& dataset, Split split, const Options& options)
    : dataset_(dataset),
      split_(split),
      options_(options),
      batches_(users_in_batches(dataset, users_by_length(dataset), options.max_length, options.limits)) {}

Questions SplitQuestions::made(std::span<const int32_t> users) const {
  const auto end_of = [this](int32_t user) { return std::ssize(split_history(dataset_, user, split_)); };
  return questions_at_end(dataset_, users, end_of, options_.max_length, options_.blank, options_.device);
}

void SplitQuestions::for_each(const std::function<void(const Questions&)>& use) {
  for (const Questions& questions : kept_) use(questions);
  for (size_t i = kept_.size(); i < batches_.size(); ++i) {
    Questions questions = made(batches_[i]);
    use(questions);
    if (options_.device == Device::cpu || i != kept_.size()) continue;
    kept_bytes_ += 8 * questions.batch.positions() + 4 * questions.asked.on_gpu().seen.size();
    if (kept_bytes_ <= options_.kept) kept_.push_back(std::move(questions));
  }
}

}  // namespace cce
