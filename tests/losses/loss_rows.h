// The rows of a batch that a loss looks at, found in its targets: the plain form of what training plans
// without them (tools/step_batch.h).
#pragma once

#include <algorithm>
#include <vector>

#include "losses/loss.h"

namespace cce::testing {

/// Of targets [T] (0: no target) the positions with one, and of these all, or (Timestamps::last) the last of
/// each sequence. int32 [P].
inline Tensor loss_rows(const Tensor& targets_T, const Tensor& offsets_B1, Timestamps timestamps) {
  const auto targets = targets_T.span<int32_t>();
  const auto offsets = offsets_B1.span<int32_t>();
  std::vector<int32_t> rows;
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    for (int32_t row = offsets[b + 1] - 1; row >= offsets[b]; --row) {
      if (targets[static_cast<size_t>(row)] == 0) continue;
      rows.push_back(row);
      if (timestamps == Timestamps::last) break;
    }
  }
  std::ranges::sort(rows);
  return Tensor::from({static_cast<int64_t>(rows.size())}, rows);
}

/// ids[rows[p]]: int32 [T] and int32 [P] -> int32 [P].
inline Tensor select_ids(const Tensor& ids_T, const Tensor& rows_P) {
  Tensor selected = Tensor::empty(rows_P.shape(), DType::i32);
  const int32_t* const ids = ids_T.data<int32_t>();
  std::ranges::transform(rows_P.span<int32_t>(), selected.data<int32_t>(),
                         [ids](int32_t row) { return ids[row]; });
  return selected;
}

}  // namespace cce::testing
