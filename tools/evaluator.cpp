#include "tools/evaluator.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <span>

#include "data/masking.h"
#include "engine/ops/ops.h"
#include "tools/signals.h"

namespace cce {
namespace {

/// Of a batch: the more users, the less it matters that the item table is packed once for each; the more
/// positions, the more memory.
constexpr size_t kMostUsers = 2048, kMostPositions = 8192;
/// Of what users had before the questions that are ranked at once. By timestamp, a long sequence counts once
/// for each of its targets.
constexpr size_t kMostSeen = size_t{4} << 20;

/// Users by the length of their sequence, so that a batch holds sequences of about the same length.
std::vector<int32_t> users_by_length(const Dataset& dataset) {
  std::vector<int32_t> users(static_cast<size_t>(dataset.user_count()));
  std::iota(users.begin(), users.end(), 0);
  std::ranges::stable_sort(users, {}, [&](int32_t user) { return dataset.sequence(user).size(); });
  return users;
}

/// How many of the users from `first` on make a batch: at least one.
size_t batch_size(const Dataset& dataset, std::span<const int32_t> users, int max_length) {
  size_t count = 0, positions = 0;
  while (count < std::min(users.size(), kMostUsers)) {
    positions += std::min(dataset.sequence(users[count]).size(), static_cast<size_t>(max_length));
    if (count > 0 && positions > kMostPositions) break;
    ++count;
  }
  return count;
}

/// What a model is asked: at which rows of a batch which item came next, and what the user had by then.
struct Questions {
  Batch batch;
  std::vector<int32_t> rows, answers;
  std::vector<std::span<const int32_t>> histories;  ///< parts of the data set's sequences

  /// The item that comes after the user's first `end`.
  void add(int32_t row, std::span<const int32_t> sequence, int64_t end) {
    rows.push_back(row);
    answers.push_back(sequence[static_cast<size_t>(end)]);
    histories.push_back(sequence.first(static_cast<size_t>(end)));
  }
};

/// Ranks for one model, whose table is made once.
class Ranker {
 public:
  Ranker(Parallel& parallel, const Model& model, RankingRules rules)
      : model_(model),
        rules_(rules),
        ctx_{.parallel = parallel, .device = model.parameters().device()},
        table_ID_(model.output_table(ctx_)) {}

  /// The ranks of all answers; mostly in one piece.
  TargetRanks ranks(const Questions& asked) const {
    TargetRanks all;
    for (size_t begin = 0, end; begin < asked.rows.size(); begin = end) {
      end = begin;
      for (size_t seen = 0; end < asked.rows.size(); ++end) {
        seen += asked.histories[end].size();
        if (end > begin && seen > kMostSeen) break;
      }
      const TargetRanks some = ranks(asked, begin, end);
      std::ranges::copy(some.ranks_B, std::back_inserter(all.ranks_B));
      all.tied += some.tied, all.excluded += some.excluded;
    }
    return all;
  }

 private:
  TargetRanks ranks(const Questions& asked, size_t begin, size_t end) const {
    const auto part = [&](const std::vector<int32_t>& all) {
      return Tensor::from({static_cast<int64_t>(end - begin)},
                          std::vector<int32_t>(all.begin() + static_cast<int64_t>(begin),
                                               all.begin() + static_cast<int64_t>(end)));
    };
    SeenItems seen;
    for (size_t i = begin; i < end; ++i) seen.add_row(asked.histories[i]);
    const Tensor hidden_PD =
        model_.encode_rows(ctx_, asked.batch.on(ctx_.device), part(asked.rows).to(ctx_.device));
    return target_ranks(ctx_, hidden_PD, table_ID_, part(asked.answers), seen, rules_.seen, rules_.ties);
  }

  const Model& model_;
  RankingRules rules_;
  Context ctx_;
  Tensor table_ID_;
};

/// What comes after the user's first end_of(user) items, for some users, one question each in the order of
/// batch.users.
template <class EndOf>
Questions questions_at_end(const Dataset& dataset, std::span<const int32_t> users, EndOf end_of,
                           int max_length, std::optional<int32_t> blank) {
  std::vector<Sample> samples;
  for (const int32_t user : users) samples.push_back({user, static_cast<int32_t>(end_of(user))});
  Questions asked{.batch = pack_training(dataset, samples, max_length, Augment::prefix)};
  if (blank) asked.batch = with_blank(asked.batch, *blank, max_length);
  const Tensor rows_B = last_rows(asked.batch);
  for (size_t b = 0; b < asked.batch.users.size(); ++b) {
    const int32_t user = asked.batch.users[b];
    asked.add(rows_B.span<int32_t>()[b], dataset.sequence(user), static_cast<int64_t>(end_of(user)));
  }
  return asked;
}

/// Timestamps are counted back from the test item, which is at `max_length`: how many items the user has
/// before the target of this one.
int64_t end_at(const Dataset& dataset, int32_t user, int max_length, int64_t timestamp) {
  return std::ssize(dataset.sequence(user)) - 1 - (max_length - timestamp);
}

/// All targets of some users' training sequences that are among the last `max_length` of a user; the
/// timestamp of each, in the order of the rows, is put into `timestamps`.
Questions training_questions(const Dataset& dataset, std::span<const int32_t> users, int max_length,
                             std::vector<int64_t>& timestamps) {
  std::vector<Sample> samples;
  for (const int32_t user : users) {
    samples.push_back({user, static_cast<int32_t>(split_history(dataset, user, Split::train).size())});
  }
  Questions asked{.batch = pack_training(dataset, samples, max_length)};
  int32_t row = 0;
  for (int64_t b = 0; b < asked.batch.sequences(); ++b) {
    const int32_t user = asked.batch.users[static_cast<size_t>(b)];
    const std::span<const int32_t> sequence = dataset.sequence(user);
    const auto after_training = std::ssize(split_history(dataset, user, Split::train)) + 1;
    for (int64_t end = after_training - asked.batch.length(b); end < after_training; ++end, ++row) {
      const int64_t timestamp = max_length - (std::ssize(sequence) - 1 - end);
      if (timestamp < 1) continue;
      asked.add(row, sequence, end);
      timestamps.push_back(timestamp);
    }
  }
  return asked;
}

/// Calls use(users) for all of them, a batch at a time.
template <class Use>
void for_each_batch(const Dataset& dataset, const std::vector<int32_t>& users, int max_length, Use use) {
  for (std::span<const int32_t> left = users; !left.empty();) {
    leave_if_stopped();
    const size_t count = batch_size(dataset, left, max_length);
    use(left.first(count));
    left = left.subspan(count);
  }
}

}  // namespace

Evaluation evaluate(Parallel& parallel, const Model& model, const Dataset& dataset, Split split,
                    int max_length, RankingRules rules, std::optional<int32_t> blank) {
  const Ranker ranker(parallel, model, rules);
  const auto end_of = [&](int32_t user) { return split_history(dataset, user, split).size(); };
  Evaluation result;
  result.ranks.resize(static_cast<size_t>(dataset.user_count()));
  for_each_batch(dataset, users_by_length(dataset), max_length, [&](std::span<const int32_t> users) {
    const Questions asked = questions_at_end(dataset, users, end_of, max_length, blank);
    const TargetRanks ranked = ranker.ranks(asked);
    for (size_t b = 0; b < asked.batch.users.size(); ++b) {
      result.ranks[static_cast<size_t>(asked.batch.users[b])] = ranked.ranks_B[b];
    }
    result.tied += ranked.tied, result.excluded += ranked.excluded;
  });
  result.metrics = metrics_of(result.ranks, dataset.max_item);
  return result;
}

std::vector<TimestampMetrics> evaluate_by_timestamp(Parallel& parallel, const Model& model,
                                                    const Dataset& dataset, int max_length,
                                                    RankingRules rules, std::optional<int32_t> blank) {
  const Ranker ranker(parallel, model, rules);
  const std::vector<int32_t> users = users_by_length(dataset);
  std::map<int64_t, std::vector<int32_t>> ranks;
  // A reading of the training sequence asks for all of its timestamps, but of a model with a blank.
  const int64_t first_asked_alone = blank ? 1 : std::max(1, max_length - 1);
  for (int64_t timestamp = max_length; timestamp >= first_asked_alone; --timestamp) {
    const auto end_of = [&](int32_t user) { return end_at(dataset, user, max_length, timestamp); };
    std::vector<int32_t> present;
    std::ranges::copy_if(users, std::back_inserter(present), [&](int32_t user) { return end_of(user) > 0; });
    for_each_batch(dataset, present, max_length, [&](std::span<const int32_t> some) {
      const TargetRanks ranked = ranker.ranks(questions_at_end(dataset, some, end_of, max_length, blank));
      std::ranges::copy(ranked.ranks_B, std::back_inserter(ranks[timestamp]));
    });
  }
  for_each_batch(dataset, blank ? std::vector<int32_t>() : users, max_length,
                 [&](std::span<const int32_t> some) {
                   std::vector<int64_t> timestamps;
                   const Questions asked = training_questions(dataset, some, max_length, timestamps);
                   if (timestamps.empty()) return;
                   const TargetRanks ranked = ranker.ranks(asked);
                   for (size_t row = 0; row < timestamps.size(); ++row)
                     ranks[timestamps[row]].push_back(ranked.ranks_B[row]);
                 });
  std::vector<TimestampMetrics> result;
  for (const auto& [timestamp, all] : ranks)
    result.push_back({timestamp, std::ssize(all), metrics_of(all, dataset.max_item)});
  return result;
}

Seen seen_named(const std::string& name) {
  if (name == "exclude") return Seen::exclude;
  if (name == "zero") return Seen::zero;
  if (name == "keep") return Seen::keep;
  fail_usage("--seen {}: expected exclude, zero or keep", name);
}

Ties ties_named(const std::string& name) {
  if (name == "half") return Ties::half;
  if (name == "none") return Ties::none;
  if (name == "all") return Ties::all;
  fail_usage("--ties {}: expected half, none or all", name);
}

}  // namespace cce
