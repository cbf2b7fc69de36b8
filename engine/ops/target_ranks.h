// Full-ranking evaluation: where the item that came next stands among all candidates. Not differentiable.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/context.h"
#include "engine/tensor.h"

namespace cce {

/// What happens to items that already stand in a row's history.
enum class Seen {
  exclude,  ///< they are no candidates
  zero,     ///< their score becomes 0, as in the reference
  keep,     ///< nothing
};

/// How many of the other candidates that score exactly as the target does rank before it.
enum class Ties {
  half,  ///< half of them, rounded up
  none,
  all,
};

/// The items in each row's history, ascending and without repeats, row after row.
struct SeenItems {
  std::vector<int64_t> offsets{0};
  std::vector<int32_t> items;

  void add_row(std::span<const int32_t> history);
  std::span<const int32_t> row(int64_t row) const {
    const auto at = static_cast<size_t>(row);
    return std::span(items).subspan(static_cast<size_t>(offsets[at]),
                                    static_cast<size_t>(offsets[at + 1] - offsets[at]));
  }
};

/// What rows are asked: where each one's target stands among all candidates, given what it has seen. Can be
/// asked again and again, of other vectors and tables.
class RankQuestions {
 public:
  /// targets [B] on the CPU; these and seen items from 1 on.
  RankQuestions(const Tensor& targets_B, SeenItems seen, Device device);

  int64_t rows() const { return std::ssize(target_seen_); }
  /// Of all targets and seen items.
  int32_t largest_item() const { return largest_item_; }
  /// Of questions for the CPU.
  int32_t target(int64_t row) const { return targets_[static_cast<size_t>(row)]; }
  std::span<const int32_t> seen(int64_t row) const { return seen_.row(row); }
  /// Whether a row's target is among what it has seen.
  bool target_seen(int64_t row) const { return target_seen_[static_cast<size_t>(row)] != 0; }

  /// Of those for the GPU, in its memory.
  struct OnGpu {
    Tensor targets_B, target_seen_B, seen_offsets_B1, seen;
  };
  const OnGpu& on_gpu() const { return on_gpu_; }

 private:
  std::vector<int32_t> targets_, target_seen_;
  SeenItems seen_;
  int32_t largest_item_ = 0;
  OnGpu on_gpu_;
};

struct TargetRanks {
  /// 0 is best; `candidates` (their number) stands for a target that is none, because it was excluded.
  std::vector<int32_t> ranks_B;
  int32_t candidates = 0;
  /// Rows in which another candidate scored exactly as the target did.
  int64_t tied = 0;
  /// Rows whose target was excluded.
  int64_t excluded = 0;
};

/// For each row the number of candidates that score higher than the target, plus, as `ties` says, of those
/// that score the same. Candidates are the table's rows but the first (padding) and the last (mask token).
/// Neither the scores nor a sorted list are ever made: scores are compared and counted in the epilogue of the
/// product. x [B, D], table [I, D], and questions for the same device about items up to I-2. Throws if a
/// target's score is not finite.
TargetRanks target_ranks(const Context& ctx, const Tensor& x_BD, const Tensor& table_ID,
                         const RankQuestions& questions, Seen treatment, Ties ties = Ties::half);
/// Of questions that are asked once.
TargetRanks target_ranks(const Context& ctx, const Tensor& x_BD, const Tensor& table_ID,
                         const Tensor& targets_B, const SeenItems& seen, Seen treatment,
                         Ties ties = Ties::half);

}  // namespace cce
