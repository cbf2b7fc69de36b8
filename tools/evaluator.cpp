#include "tools/evaluator.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/masking.h"
#include "engine/ops/ops.h"
#include "tools/signals.h"

namespace cce {
namespace {

constexpr int64_t kUsersPerBatch = 512;

/// Users by the length of their sequence, so that a batch holds sequences of about the same length.
std::vector<int32_t> users_by_length(const Dataset& dataset) {
  std::vector<int32_t> users(static_cast<size_t>(dataset.user_count()));
  std::iota(users.begin(), users.end(), 0);
  std::ranges::stable_sort(users, {}, [&](int32_t user) { return dataset.sequence(user).size(); });
  return users;
}

}  // namespace

Evaluation evaluate(Parallel& parallel, const Model& model, const Dataset& dataset, Split split,
                    int max_length, Seen seen, std::optional<int32_t> blank) {
  const Device device = model.parameters().device();
  const Context ctx{.parallel = parallel, .device = device};
  const Tensor table_ID = model.output_table(ctx);
  const std::vector<int32_t> users = users_by_length(dataset);
  Evaluation result;
  result.ranks.resize(users.size());
  for (size_t first = 0; first < users.size(); first += kUsersPerBatch) {
    leave_if_stopped();
    const size_t count = std::min<size_t>(kUsersPerBatch, users.size() - first);
    Batch batch = pack_inputs(dataset, std::span(users).subspan(first, count), split, max_length);
    if (blank) batch = with_blank(batch, *blank, max_length);
    const Tensor hidden_BD = model.encode_rows(ctx, batch.on(device), last_rows(batch).to(device));

    std::vector<int32_t> answers;
    SeenItems history;
    for (const int32_t user : batch.users) {
      answers.push_back(split_answer(dataset, user, split));
      history.add_row(split_history(dataset, user, split));
    }
    const TargetRanks ranked =
        target_ranks(ctx, hidden_BD, table_ID, Tensor::from({batch.sequences()}, answers), history, seen);
    for (size_t b = 0; b < batch.users.size(); ++b) {
      result.ranks[static_cast<size_t>(batch.users[b])] = ranked.ranks_B[b];
    }
    result.tied += ranked.tied, result.excluded += ranked.excluded;
  }
  result.metrics = metrics_of(result.ranks, dataset.max_item);
  return result;
}

Metrics metrics_of(const std::vector<int32_t>& ranks, int32_t candidates) {
  Metrics metrics;
  for (const int32_t rank : ranks) {
    if (rank >= candidates) continue;
    const double gain = 1 / std::log2(rank + 2.0);
    if (rank < 5) metrics[Metric::hr5] += 1, metrics[Metric::ndcg5] += gain;
    if (rank < 10) metrics[Metric::hr10] += 1, metrics[Metric::ndcg10] += gain;
    if (rank < 20) metrics[Metric::hr20] += 1, metrics[Metric::ndcg20] += gain;
    metrics[Metric::mrr] += 1.0 / (rank + 1);
  }
  for (double& value : metrics.values) value /= static_cast<double>(ranks.size());
  return metrics;
}

Seen seen_named(const std::string& name) {
  if (name == "exclude") return Seen::exclude;
  if (name == "zero") return Seen::zero;
  if (name == "keep") return Seen::keep;
  fail_usage("--seen {}: expected exclude, zero or keep", name);
}

}  // namespace cce
