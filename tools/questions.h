// What a model is asked in an evaluation: after which items of whom which item came next.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "data/batch.h"
#include "data/dataset.h"
#include "data/split.h"
#include "engine/ops/target_ranks.h"

namespace cce {

/// Questions about the sequences of one batch, for the device where the model is.
struct Questions {
  Batch batch;
  Tensor rows_P;  ///< of the batch, those that the model's answers are read from
  RankQuestions asked;
};

/// Questions on their way: about rows of a batch.
class QuestionList {
 public:
  explicit QuestionList(Batch batch) : batch_(std::move(batch)) {}

  /// On the CPU.
  const Batch& batch() const { return batch_; }
  size_t size() const { return rows_.size(); }
  /// At this row: the item that comes after the sequence's first `end`, which count as seen. The sequence
  /// must outlive this.
  void add(int32_t row, std::span<const int32_t> sequence, int64_t end);

  /// The rows of all of them, int32.
  Tensor rows() const { return Tensor::from({std::ssize(rows_)}, rows_); }
  /// Where those from the `first` on end that are to be ranked at once, as what users had before them is
  /// copied for that: mostly with the last one.
  size_t end_of_part(size_t first) const;
  RankQuestions part(size_t first, size_t end, Device device) const;

 private:
  Batch batch_;
  std::vector<int32_t> rows_, answers_;
  std::vector<std::span<const int32_t>> histories_;
};

/// What comes after the user's first end_of(user) items, one question for each of these users, who make a
/// batch, in the order of batch.users. A model that was trained on masked batches is shown `blank` after them
/// (see data/masking.h).
Questions questions_at_end(const Dataset& dataset, std::span<const int32_t> users,
                           const std::function<int64_t(int32_t user)>& end_of, int max_length,
                           std::optional<int32_t> blank, Device device);

/// The most that a batch of questions has, but for a batch of one user.
struct BatchLimits {
  size_t users, positions;
  size_t items = size_t{4} << 20;  ///< in the users' whole sequences

  /// The more users, the less it matters that the item table is packed, or a GPU waited for, once for each
  /// batch; the more positions, the more memory.
  static BatchLimits on(Device device) {
    return device == Device::cpu ? BatchLimits{2048, 8192} : BatchLimits{4096, 16384};
  }
};
/// The users, in their order.
std::vector<std::vector<int32_t>> users_in_batches(const Dataset& dataset, const std::vector<int32_t>& users,
                                                   int max_length, const BatchLimits& limits);
/// All users by the length of their sequence, so that a batch holds sequences of about the same length.
std::vector<int32_t> users_by_length(const Dataset& dataset);

/// What is asked about all users of a data set: the answer of a split. Refers to the data set, which must
/// outlive it.
class SplitQuestions {
 public:
  struct Options {
    int max_length = 50;
    std::optional<int32_t> blank;  ///< see questions_at_end()
    Device device = Device::cpu;
    /// Bytes of questions that stay in a GPU's memory for the next time: 8 a position, 4 an item seen.
    int64_t kept = 0;
    BatchLimits limits = BatchLimits::on(device);
  };
  SplitQuestions(const Dataset& dataset, Split split, const Options& options);
  SplitQuestions(const Dataset&&, Split, const Options&) = delete;

  const Dataset& dataset() const { return dataset_; }
  Device device() const { return options_.device; }
  /// Calls use(questions) for one batch after the other.
  void for_each(const std::function<void(const Questions&)>& use);

 private:
  Questions made(std::span<const int32_t> users) const;

  const Dataset& dataset_;
  Split split_;
  Options options_;
  std::vector<std::vector<int32_t>> batches_;  // of users
  std::vector<Questions> kept_;                // the first ones
  int64_t kept_bytes_ = 0;
};

}  // namespace cce
