#include "data/masking.h"

#include <algorithm>

#include "engine/error.h"
#include "engine/random.h"

namespace cce {

Tensor hidden_rows(const Tensor& offsets_B1, double probability, uint64_t seed, uint32_t step) {
  require(probability > 0 && probability <= 1,
          "[hidden_rows] expected a probability above 0 and up to 1, got {}", probability);
  std::vector<int32_t> rows;
  const auto offsets = offsets_B1.span<int32_t>();
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    RandomStream random(seed, Purpose::masking, step, static_cast<uint32_t>(b));
    const size_t hidden_before = rows.size();
    for (int32_t t = offsets[b]; t < offsets[b + 1]; ++t) {
      if (random.uniform() < probability) rows.push_back(t);
    }
    if (rows.size() == hidden_before) {
      rows.push_back(offsets[b] +
                     static_cast<int32_t>(random.below(static_cast<uint32_t>(offsets[b + 1] - offsets[b]))));
    }
  }
  return Tensor::from({std::ssize(rows)}, rows);
}

BatchPlan with_last_target(const BatchPlan& training, int max_length) {
  const int64_t sequences = training.sequences();
  BatchPlan plan{.offsets_B1 = Tensor::zeros({sequences + 1}, DType::i32),
                 .starts_B = Tensor::empty({sequences}, DType::i32),
                 .users_B = training.users_B};
  const int32_t* const before = training.offsets_B1.data<int32_t>();
  int32_t* const offsets = plan.offsets_B1.data<int32_t>();
  for (int64_t b = 0; b < sequences; ++b) {
    const int32_t whole = before[b + 1] - before[b] + 1, kept = std::min(whole, max_length);
    offsets[b + 1] = offsets[b] + kept;
    plan.starts_B.data<int32_t>()[b] = training.starts_B.data<int32_t>()[b] + (whole - kept);
  }
  return plan;
}

Batch with_blank(const Batch& batch, int32_t token, int max_length) {
  Batch longer;
  longer.users = batch.users;
  std::vector<int32_t> items, positions, offsets{0};
  const int32_t* sequence = batch.items_T.data<int32_t>();
  for (int64_t b = 0; b < batch.sequences(); ++b) {
    const int64_t length = batch.length(b), kept = std::min<int64_t>(length + 1, max_length);
    items.insert(items.end(), sequence + (length + 1 - kept), sequence + length);
    items.push_back(token);
    offsets.push_back(static_cast<int32_t>(std::ssize(items)));
    for (int64_t i = max_length - kept; i < max_length; ++i) positions.push_back(static_cast<int32_t>(i));
    sequence += length;
  }
  longer.items_T = Tensor::from({std::ssize(items)}, items);
  longer.positions_T = Tensor::from({std::ssize(items)}, positions);
  longer.offsets_B1 = Tensor::from({std::ssize(offsets)}, offsets);
  return longer;
}

}  // namespace cce
