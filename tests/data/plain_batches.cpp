#include "tests/data/plain_batches.h"

#include <utility>

namespace cce::test {

std::vector<int32_t> users_of_positions(const Batch& batch) {
  std::vector<int32_t> users;
  for (int64_t b = 0; b < batch.sequences(); ++b) {
    users.insert(users.end(), static_cast<size_t>(batch.length(b)), batch.users[static_cast<size_t>(b)]);
  }
  return users;
}

Batch masked(const Batch& training, const MaskingOptions& options, uint64_t seed, uint32_t step) {
  Batch batch = with_blank(training, options.token, options.max_length);
  batch.targets_T = Tensor::zeros({batch.positions()}, DType::i32);
  int32_t* const items = batch.items_T.data<int32_t>();
  const auto before = training.offsets_B1.span<int32_t>(), ends = batch.offsets_B1.span<int32_t>();
  for (size_t b = 1; b < ends.size(); ++b) {  // in the place of the blank, the last target
    items[ends[b] - 1] = training.targets_T.data<int32_t>()[before[b] - 1];
  }
  const Tensor rows_P = hidden_rows(batch.offsets_B1, options.probability, seed, step);
  for (const int32_t row : rows_P.span<int32_t>()) {
    batch.targets_T.data<int32_t>()[row] = std::exchange(items[row], options.token);
  }
  return batch;
}

}  // namespace cce::test
