// What a model is asked in an evaluation: after which items of whom which item came next.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "data/batch.h"
#include "data/dataset.h"
#include "data/split.h"
#include "engine/ops/target_ranks.h"

namespace cce {

/// Questions about the sequences of one batch, prepared for the device where the model is.
struct Questions {
  Batch batch;
  /// Consecutive ones, as many as are ranked at once: mostly all.
  struct Part {
    Tensor rows_P;  ///< of the batch, those that the model's answer is read from
    RankQuestions asked;
  };
  std::vector<Part> parts;
};

/// Questions on their way: about rows of a batch.
class QuestionList {
 public:
  explicit QuestionList(Batch batch) : batch_(std::move(batch)) {}

  const Batch& batch() const { return batch_; }
  /// At this row: the item that comes after the sequence's first `end`, which count as seen. The sequence
  /// must outlive this.
  void add(int32_t row, std::span<const int32_t> sequence, int64_t end);
  Questions prepared(Device device) const;

 private:
  Batch batch_;
  std::vector<int32_t> rows_, answers_;
  std::vector<std::span<const int32_t>> histories_;
};

/// What comes after the user's first end_of(user) items, one question for each of these users, in the order
/// of batch.users. A model that was trained on masked batches is shown `blank` after them (see
/// data/masking.h).
Questions questions_at_end(const Dataset& dataset, std::span<const int32_t> users,
                           const std::function<int64_t(int32_t user)>& end_of, int max_length,
                           std::optional<int32_t> blank, Device device);

/// The users, cut into batches of about as many positions each: more on a GPU.
std::vector<std::vector<int32_t>> users_in_batches(const Dataset& dataset, const std::vector<int32_t>& users,
                                                   int max_length, Device device);
/// All users by the length of their sequence, so that a batch holds sequences of about the same length.
std::vector<int32_t> users_by_length(const Dataset& dataset);

/// What is asked about all users of a data set: the answer of a split. For a GPU, questions are made once,
/// and stay in its memory for the next time. Refers to the data set, which must outlive it.
class SplitQuestions {
 public:
  SplitQuestions(const Dataset& dataset, Split split, int max_length, std::optional<int32_t> blank,
                 Device device);

  const Dataset& dataset() const { return dataset_; }
  /// Calls use(questions) for one batch after the other.
  void for_each(const std::function<void(const Questions&)>& use);

 private:
  Questions made(std::span<const int32_t> users) const;

  const Dataset& dataset_;
  Split split_;
  int max_length_;
  std::optional<int32_t> blank_;
  Device device_;
  std::vector<std::vector<int32_t>> batches_;  // of users
  std::vector<Questions> kept_;
};

}  // namespace cce
