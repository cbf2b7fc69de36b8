#include "data/masking.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "engine/error.h"
#include "engine/random.h"

namespace cce {
namespace {

/// The batch with one item more at the end of each sequence b, last(b), and of the result the last
/// max_length. Longest first stays longest first.
template <class Last>
Batch extended(const Batch& batch, int max_length, Last last) {
  Batch longer;
  longer.users = batch.users;
  std::vector<int32_t> items, positions, offsets{0};
  const int32_t* sequence = batch.items_T.data<int32_t>();
  for (int64_t b = 0; b < batch.sequences(); ++b) {
    const int64_t length = batch.length(b), kept = std::min<int64_t>(length + 1, max_length);
    items.insert(items.end(), sequence + (length + 1 - kept), sequence + length);
    items.push_back(last(b));
    offsets.push_back(static_cast<int32_t>(std::ssize(items)));
    for (int64_t i = max_length - kept; i < max_length; ++i) positions.push_back(static_cast<int32_t>(i));
    sequence += length;
  }
  longer.items_T = Tensor::from({std::ssize(items)}, items);
  longer.positions_T = Tensor::from({std::ssize(items)}, positions);
  longer.offsets_B1 = Tensor::from({std::ssize(offsets)}, offsets);
  return longer;
}

}  // namespace

Batch masked(const Batch& training, const MaskingOptions& options, uint64_t seed, uint32_t step) {
  require(options.probability > 0 && options.probability <= 1,
          "[masked] expected a probability above 0 and up to 1, got {}", options.probability);
  const int32_t* const ends = training.offsets_B1.data<int32_t>() + 1;
  const int32_t* const next = training.targets_T.data<int32_t>();
  Batch batch = extended(training, options.max_length, [&](int64_t b) { return next[ends[b] - 1]; });
  batch.targets_T = Tensor::zeros({batch.positions()}, DType::i32);

  int32_t* items = batch.items_T.data<int32_t>();
  int32_t* targets = batch.targets_T.data<int32_t>();
  const auto hide = [&](int64_t i) {
    targets[i] = items[i];
    items[i] = options.token;
  };
  for (int64_t b = 0; b < batch.sequences(); ++b) {
    RandomStream random(seed, Purpose::masking, step, static_cast<uint32_t>(b));
    const int64_t length = batch.length(b);
    bool hidden = false;
    for (int64_t i = 0; i < length; ++i) {
      if (random.uniform() < options.probability) hide(i), hidden = true;
    }
    if (!hidden) hide(random.below(static_cast<uint32_t>(length)));
    items += length, targets += length;
  }
  return batch;
}

Batch with_blank(const Batch& batch, int32_t token, int max_length) {
  return extended(batch, max_length, [token](int64_t) { return token; });
}

}  // namespace cce
