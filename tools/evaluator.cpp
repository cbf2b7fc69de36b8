#include "tools/evaluator.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <span>

#include "engine/ops/ops.h"
#include "tools/named_choices.h"
#include "tools/signals.h"

namespace cce {
namespace {

/// Ranks for one model, whose table is made once.
class Ranker {
 public:
  Ranker(Parallel& parallel, const Model& model, RankingRules rules)
      : model_(model),
        rules_(rules),
        ctx_{.parallel = parallel, .device = model.parameters().device()},
        table_ID_(model.output_table(ctx_)) {}

  Device device() const { return ctx_.device; }

  TargetRanks ranks(const Questions& questions) const {
    leave_if_stopped();
    return ranks(model_.encode_rows(ctx_, questions.batch, questions.rows_P), questions.asked);
  }

  /// The ranks alone, of all questions in the list.
  std::vector<int32_t> ranks(const QuestionList& list) const {
    std::vector<int32_t> all;
    const Tensor hidden_PD = model_.encode_rows(ctx_, list.batch().on(device()), list.rows().to(device()));
    for (size_t first = 0, end; first < list.size(); first = end) {
      leave_if_stopped();
      end = list.end_of_part(first);
      std::vector<int32_t> rows(end - first);
      std::iota(rows.begin(), rows.end(), static_cast<int32_t>(first));
      const Tensor part_PD =
          select_rows(ctx_, hidden_PD, Tensor::from({std::ssize(rows)}, rows).to(device()));
      std::ranges::copy(ranks(part_PD, list.part(first, end, device())).ranks_B, std::back_inserter(all));
    }
    return all;
  }

 private:
  TargetRanks ranks(const Tensor& hidden_PD, const RankQuestions& asked) const {
    return target_ranks(ctx_, hidden_PD, table_ID_, asked, rules_.seen, rules_.ties);
  }

  const Model& model_;
  RankingRules rules_;
  Context ctx_;
  Tensor table_ID_;
};

/// Timestamps are counted back from the test item, which is at `max_length`: how many items the user has
/// before the target of this one.
int64_t end_at(const Dataset& dataset, int32_t user, int max_length, int64_t timestamp) {
  return std::ssize(dataset.sequence(user)) - 1 - (max_length - timestamp);
}

/// All targets of some users' training sequences that are among the last `max_length` of a user; the
/// timestamp of each, in the order of the rows, is put into `timestamps`.
QuestionList training_questions(const Dataset& dataset, std::span<const int32_t> users, int max_length,
                                std::vector<int64_t>& timestamps) {
  std::vector<Sample> samples;
  for (const int32_t user : users) {
    samples.push_back({user, static_cast<int32_t>(split_history(dataset, user, Split::train).size())});
  }
  QuestionList list(pack_training(dataset, samples, max_length));
  int32_t row = 0;
  for (int64_t b = 0; b < list.batch().sequences(); ++b) {
    const int32_t user = list.batch().users[static_cast<size_t>(b)];
    const std::span<const int32_t> sequence = dataset.sequence(user);
    const auto after_training = std::ssize(split_history(dataset, user, Split::train)) + 1;
    for (int64_t end = after_training - list.batch().length(b); end < after_training; ++end, ++row) {
      const int64_t timestamp = max_length - (std::ssize(sequence) - 1 - end);
      if (timestamp < 1) continue;
      list.add(row, sequence, end);
      timestamps.push_back(timestamp);
    }
  }
  return list;
}

}  // namespace

Evaluation evaluate(Parallel& parallel, const Model& model, SplitQuestions& questions, RankingRules rules) {
  const Dataset& dataset = questions.dataset();
  const Ranker ranker(parallel, model, rules);
  require(questions.device() == ranker.device(), "[evaluate] questions for another device than the model's");
  Evaluation result;
  result.ranks.resize(static_cast<size_t>(dataset.user_count()));
  questions.for_each([&](const Questions& asked) {
    const TargetRanks ranked = ranker.ranks(asked);
    for (size_t b = 0; b < asked.batch.users.size(); ++b) {
      result.ranks[static_cast<size_t>(asked.batch.users[b])] = ranked.ranks_B[b];
    }
    result.tied += ranked.tied, result.excluded += ranked.excluded;
  });
  result.metrics = metrics_of(result.ranks, dataset.max_item);
  return result;
}

Evaluation evaluate(Parallel& parallel, const Model& model, const Dataset& dataset, Split split,
                    int max_length, RankingRules rules, std::optional<int32_t> blank) {
  SplitQuestions questions(dataset, split,
                           {.max_length = max_length, .blank = blank, .device = model.parameters().device()});
  return evaluate(parallel, model, questions, rules);
}

std::vector<TimestampMetrics> evaluate_by_timestamp(Parallel& parallel, const Model& model,
                                                    const Dataset& dataset, int max_length,
                                                    RankingRules rules, std::optional<int32_t> blank) {
  const Ranker ranker(parallel, model, rules);
  const BatchLimits limits = BatchLimits::on(ranker.device());
  const std::vector<int32_t> users = users_by_length(dataset);
  std::map<int64_t, std::vector<int32_t>> ranks;
  // A reading of the training sequence asks for all of its timestamps, but of a model with a blank.
  const int64_t first_asked_alone = blank ? 1 : std::max(1, max_length - 1);
  for (int64_t timestamp = max_length; timestamp >= first_asked_alone; --timestamp) {
    const auto end_of = [&](int32_t user) { return end_at(dataset, user, max_length, timestamp); };
    std::vector<int32_t> present;
    std::ranges::copy_if(users, std::back_inserter(present), [&](int32_t user) { return end_of(user) > 0; });
    for (const std::vector<int32_t>& some : users_in_batches(dataset, present, max_length, limits)) {
      const TargetRanks ranked =
          ranker.ranks(questions_at_end(dataset, some, end_of, max_length, blank, ranker.device()));
      std::ranges::copy(ranked.ranks_B, std::back_inserter(ranks[timestamp]));
    }
  }
  for (const std::vector<int32_t>& some :
       users_in_batches(dataset, blank ? std::vector<int32_t>() : users, max_length, limits)) {
    std::vector<int64_t> timestamps;
    const QuestionList asked = training_questions(dataset, some, max_length, timestamps);
    if (timestamps.empty()) continue;
    const std::vector<int32_t> ranked = ranker.ranks(asked);
    for (size_t row = 0; row < timestamps.size(); ++row) ranks[timestamps[row]].push_back(ranked[row]);
  }
  std::vector<TimestampMetrics> result;
  for (const auto& [timestamp, all] : ranks)
    result.push_back({timestamp, std::ssize(all), metrics_of(all, dataset.max_item)});
  return result;
}

Seen seen_named(const std::string& name) {
  return choice_named(kSeenChoices, name);
}

Ties ties_named(const std::string& name) {
  return choice_named(kTiesChoices, name);
}

}  // namespace cce
