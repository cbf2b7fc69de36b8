#include "data/batch.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>

#include "engine/random.h"

namespace cce {
namespace {

/// One sequence on its way into a batch.
struct Row {
  int32_t user;
  std::span<const int32_t> input;
  /// Where the input ends in the user's sequence, counted from its start.
  int64_t end;
};

Row make_row(int32_t user, std::span<const int32_t> history, int max_length) {
  const size_t kept = std::min(history.size(), static_cast<size_t>(max_length));
  return {user, history.last(kept), std::ssize(history)};
}

std::vector<Row> rows_of(const Dataset& dataset, std::span<const Sample> samples, int max_length) {
  std::vector<Row> rows;
  rows.reserve(samples.size());
  for (const Sample& sample : samples) {
    rows.push_back(make_row(sample.user, dataset.sequence(sample.user).first(sample.end), max_length));
  }
  return rows;
}

/// Sorts the rows: longest first, then by user, then by end. Returns how many positions they have.
int64_t sort_rows(std::vector<Row>& rows) {
  std::ranges::sort(rows, {},
                    [](const Row& row) { return std::tuple(-std::ssize(row.input), row.user, row.end); });
  int64_t positions = 0;
  for (const Row& row : rows) positions += std::ssize(row.input);
  require(positions <= std::numeric_limits<int32_t>::max(), "[batch] {} positions are too many", positions);
  return positions;
}

/// Packs the rows, which it sorts. No targets.
Batch pack(std::vector<Row>& rows, int max_length) {
  const int64_t positions = sort_rows(rows);

  Batch batch;
  batch.items_T = Tensor::empty({positions}, DType::i32);
  batch.positions_T = Tensor::empty({positions}, DType::i32);
  batch.offsets_B1 = Tensor::empty({std::ssize(rows) + 1}, DType::i32);
  int32_t* items = batch.items_T.data<int32_t>();
  int32_t* position_ids = batch.positions_T.data<int32_t>();
  int32_t* offsets = batch.offsets_B1.data<int32_t>();
  *offsets = 0;
  for (const Row& row : rows) {
    const auto length = static_cast<int32_t>(row.input.size());
    items = std::ranges::copy(row.input, items).out;
    std::iota(position_ids, position_ids + length, max_length - length);
    position_ids += length;
    offsets[1] = offsets[0] + length;
    ++offsets;
    batch.users.push_back(row.user);
  }
  return batch;
}

Tensor last_rows_of(const Tensor& offsets_B1) {
  Tensor rows = Tensor::empty({offsets_B1.size() - 1}, DType::i32);
  std::ranges::transform(offsets_B1.span<int32_t>().subspan(1), rows.data<int32_t>(),
                         [](int32_t end) { return end - 1; });
  return rows;
}

}  // namespace

Batch Batch::on(Device device) const {
  return {.items_T = items_T.to(device),
          .positions_T = positions_T.to(device),
          .offsets_B1 = offsets_B1.to(device),
          .targets_T = targets_T.to(device),
          .users = users};
}

std::vector<Sample> training_samples(const Dataset& dataset, Augment augment) {
  std::vector<Sample> samples;
  for (int32_t user = 0; user < dataset.user_count(); ++user) {
    const auto last = static_cast<int32_t>(split_history(dataset, user, Split::train).size());
    for (int32_t end = augment == Augment::prefix ? 1 : last; end <= last; ++end)
      samples.push_back({user, end});
  }
  return samples;
}

Batch pack_training(const Dataset& dataset, std::span<const Sample> samples, int max_length,
                    Augment augment) {
  std::vector<Row> rows = rows_of(dataset, samples, max_length);
  Batch batch = pack(rows, max_length);
  batch.targets_T = Tensor::zeros({batch.positions()}, DType::i32);
  int32_t* targets = batch.targets_T.data<int32_t>();
  for (const Row& row : rows) {
    const int32_t* const next = row.input.data() + 1;  // what came after each item, in the same sequence
    const auto length = std::ssize(row.input);
    const auto first = augment == Augment::prefix ? length - 1 : 0;
    std::copy(next + first, next + length, targets + first);
    targets += length;
  }
  return batch;
}

BatchPlan plan_training(const Dataset& dataset, std::span<const Sample> samples, int max_length) {
  std::vector<Row> rows = rows_of(dataset, samples, max_length);
  sort_rows(rows);
  const int64_t count = std::ssize(rows);
  BatchPlan plan{.offsets_B1 = Tensor::empty({count + 1}, DType::i32),
                 .starts_B = Tensor::empty({count}, DType::i32),
                 .users_B = Tensor::empty({count}, DType::i32)};
  int32_t* const offsets = plan.offsets_B1.data<int32_t>();
  offsets[0] = 0;
  for (int64_t b = 0; b < count; ++b) {
    const Row& row = rows[static_cast<size_t>(b)];
    offsets[b + 1] = offsets[b] + static_cast<int32_t>(row.input.size());
    plan.starts_B.data<int32_t>()[b] = static_cast<int32_t>(row.input.data() - dataset.items.data());
    plan.users_B.data<int32_t>()[b] = row.user;
  }
  return plan;
}

Batch pack_inputs(const Dataset& dataset, std::span<const int32_t> users, Split split, int max_length) {
  std::vector<Row> rows;
  rows.reserve(users.size());
  for (const int32_t user : users) {
    rows.push_back(make_row(user, split_history(dataset, user, split), max_length));
  }
  return pack(rows, max_length);
}

Batch pack_histories(std::span<const std::vector<int32_t>> histories, int max_length) {
  std::vector<Row> rows;
  rows.reserve(histories.size());
  for (const std::vector<int32_t>& history : histories) {
    require(!history.empty(), "[batch] history {} is empty", rows.size());
    rows.push_back(make_row(static_cast<int32_t>(rows.size()), history, max_length));
  }
  return pack(rows, max_length);
}

Tensor last_rows(const Batch& batch) {
  return last_rows_of(batch.offsets_B1);
}

Tensor last_rows(const BatchPlan& plan) {
  return last_rows_of(plan.offsets_B1);
}

TrainingBatches::TrainingBatches(const Dataset& dataset, const Options& options)
    : dataset_(dataset),
      options_(options),
      order_(training_samples(dataset, options.augment), options.batch_size, options.seed) {
  require(options.max_length >= 1, "the maximal length is {}, expected at least 1", options.max_length);
  constexpr int64_t kMostInteractions = std::numeric_limits<int32_t>::max();
  require(dataset.interactions() <= kMostInteractions, "{} interactions are too many; {} can be trained on",
          dataset.interactions(), kMostInteractions);
}

Batch TrainingBatches::get(uint32_t epoch, int64_t index) {
  return pack_training(dataset_, order_.batch(epoch, index), options_.max_length, options_.augment);
}

BatchPlan TrainingBatches::plan(uint32_t epoch, int64_t index) {
  return plan_training(dataset_, order_.batch(epoch, index), options_.max_length);
}

}  // namespace cce
