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
/// product. x [B, D], table [I, D], targets [B] in 1 .. I-2 are on
/// the CPU whatever the device. Throws if a target's score is not finite.
TargetRanks target_ranks(const Context& ctx, const Tensor& x_BD, const Tensor& table_ID,
                         const Tensor& targets_B, const SeenItems& seen, Seen treatment,
                         Ties ties = Ties::half);

}  // namespace cce
