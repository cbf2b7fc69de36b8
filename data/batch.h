// Packed batches: the items of all sequences one after another, without padding.
//
// Legend: B sequences, T positions in all of them together, B1 = B + 1. Sequence b occupies the positions
// [offsets_B1[b], offsets_B1[b + 1]). The longest sequence comes first, so that whoever walks through all
// sequences in step (a GRU) finds those still running at the front.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.h"
#include "data/epoch_order.h"
#include "data/split.h"
#include "engine/tensor.h"

namespace cce {

struct Batch {
  /// int32 [T]: item ids, oldest first within a sequence.
  Tensor items_T;
  /// int32 [T]: where in a window of max_length each item stands when its sequence ends at the window's right
  /// edge: a sequence of n items has max_length - n .. max_length - 1.
  Tensor positions_T;
  /// int32 [B + 1].
  Tensor offsets_B1;
  /// int32 [T]: the item that came next, 0 where none is to be predicted. Undefined in a batch for
  /// evaluation.
  Tensor targets_T;
  /// [B]: the user (index into the data set) of each sequence.
  std::vector<int32_t> users;

  int64_t sequences() const { return offsets_B1.size() - 1; }
  int64_t positions() const { return items_T.size(); }
  /// On the CPU only.
  int64_t length(int64_t b) const {
    const auto offsets = offsets_B1.span<int32_t>();
    return offsets[static_cast<size_t>(b) + 1] - offsets[static_cast<size_t>(b)];
  }
  /// The batch with its tensors on `device`.
  Batch on(Device device) const;
};

/// Which sequences of a data set make up a batch, before anyone has looked up what is in them: few numbers,
/// made on the CPU whatever device computes with the batch. All int32.
struct BatchPlan {
  Tensor offsets_B1;  ///< as in Batch
  Tensor starts_B;    ///< where each sequence begins in Dataset::items; -1: it is padding
  Tensor users_B;     ///< whose it is

  int64_t sequences() const { return starts_B.size(); }
  /// On the CPU only.
  int64_t positions() const { return offsets_B1.span<int32_t>().back(); }
};

enum class Augment {
  none,    ///< one sample per user: its whole training sequence, with a target at every position
  prefix,  ///< every prefix of it is a sample of its own, whose only target is that of its last position
};

/// All training samples, by user and, within a user, from short to long.
std::vector<Sample> training_samples(const Dataset& dataset, Augment augment = Augment::none);

/// Packs training samples, longest first, then by user, then by end; each keeps its last `max_length`
/// positions.
Batch pack_training(const Dataset& dataset, std::span<const Sample> samples, int max_length,
                    Augment augment = Augment::none);

/// What pack_training() packs, whichever of its positions have targets.
BatchPlan plan_training(const Dataset& dataset, std::span<const Sample> samples, int max_length);

/// Packs what a model is shown of these users when it is to predict `split`'s answer, longest first, then by
/// user index. No targets: split_answer() of batch.users[b] is what sequence b should predict.
Batch pack_inputs(const Dataset& dataset, std::span<const int32_t> users, Split split, int max_length);

/// Packs histories that belong to no data set, none of them empty, as users 0, 1, ..., longest first.
Batch pack_histories(std::span<const std::vector<int32_t>> histories, int max_length);

/// int32 [B]: the last position of each sequence, where a model says what comes next.
Tensor last_rows(const Batch& batch);
Tensor last_rows(const BatchPlan& plan);

/// The batches of training, of samples in the order of EpochOrder. Refers to the data set, which must outlive
/// it.
class TrainingBatches {
 public:
  struct Options {
    int batch_size = 256;
    int max_length = 50;
    Augment augment = Augment::none;
    uint64_t seed = 42;
  };
  /// Throws when batch_size or max_length is below 1, or the data set has 2^31 interactions.
  TrainingBatches(const Dataset& dataset, const Options& options);

  int64_t samples() const { return order_.samples(); }
  /// Batches in an epoch; the last one may hold fewer samples.
  int64_t per_epoch() const { return order_.per_epoch(); }
  /// Batch `index` (0 .. per_epoch() - 1) of `epoch`. Cheapest when called in order.
  Batch get(uint32_t epoch, int64_t index);
  /// The same before its items are looked up.
  BatchPlan plan(uint32_t epoch, int64_t index);

 private:
  const Dataset& dataset_;
  Options options_;
  EpochOrder order_;
};

}  // namespace cce
