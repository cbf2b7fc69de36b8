// In which order an epoch goes through the samples of training, and which of them make up a batch.
#pragma once

#include <cstdint>
#include <vector>

namespace cce {

/// A training sample: of `user`'s sequence s, the input is s[:end], the targets are s[1:end + 1].
struct Sample {
  int32_t user;
  int32_t end;
  bool operator==(const Sample&) const = default;
};

/// The numbers 0 .. count-1 in an order that depends on (seed, epoch) alone: Fisher-Yates with Philox.
std::vector<int32_t> shuffled(int64_t count, uint64_t seed, uint32_t epoch);

/// Which samples are in batch `index` of an epoch is a pure function of (seed, epoch, index), so a run can go
/// on in the middle of an epoch.
class EpochOrder {
 public:
  /// Throws if batch_size is below 1.
  EpochOrder(std::vector<Sample> samples, int batch_size, uint64_t seed);

  int64_t samples() const { return static_cast<int64_t>(samples_.size()); }
  /// Batches in an epoch; the last one may hold fewer samples.
  int64_t per_epoch() const;
  /// The samples of batch `index` (0 .. per_epoch() - 1) of `epoch`. Cheapest when called in order.
  std::vector<Sample> batch(uint32_t epoch, int64_t index);

 private:
  std::vector<Sample> samples_;
  int batch_size_;
  uint64_t seed_;
  std::vector<int32_t> order_;  // of samples_, in epoch order_epoch_; empty before the first batch
  uint32_t order_epoch_ = 0;
};

}  // namespace cce
