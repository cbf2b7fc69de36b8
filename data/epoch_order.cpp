#include "data/epoch_order.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/error.h"
#include "engine/random.h"

namespace cce {

std::vector<int32_t> shuffled(int64_t count, uint64_t seed, uint32_t epoch) {
  std::vector<int32_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  RandomStream random(seed, Purpose::shuffle, epoch);
  for (int64_t i = count - 1; i > 0; --i) {
    std::swap(order[i], order[random.below(static_cast<uint32_t>(i + 1))]);
  }
  return order;
}

EpochOrder::EpochOrder(std::vector<Sample> samples, int batch_size, uint64_t seed)
    : samples_(std::move(samples)), batch_size_(batch_size), seed_(seed) {
  require(batch_size >= 1, "the batch size is {}, expected at least 1", batch_size);
}

int64_t EpochOrder::per_epoch() const {
  return (samples() + batch_size_ - 1) / batch_size_;
}

std::vector<Sample> EpochOrder::batch(uint32_t epoch, int64_t index) {
  require(index >= 0 && index < per_epoch(), "[batches] batch {} of an epoch of {}", index, per_epoch());
  if (order_.empty() || order_epoch_ != epoch) {
    order_ = shuffled(samples(), seed_, epoch);
    order_epoch_ = epoch;
  }
  const int64_t begin = index * batch_size_, end = std::min(begin + batch_size_, samples());
  std::vector<Sample> chosen;
  for (int64_t i = begin; i < end; ++i) chosen.push_back(samples_[order_[i]]);
  return chosen;
}

}  // namespace cce
