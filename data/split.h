// Leave-one-out: of each user's sequence s, the last item is for testing, the last but one for validation.
//
//            input       target
//   train    s[:-3]      s[1:-2]   the next item, at every position
//   valid    s[:-2]      s[-2]
//   test     s[:-1]      s[-1]
//
// An input longer than `max_length` keeps its newest items. No item of validation or test is ever trained on.
#pragma once

#include <cstdint>
#include <span>

#include "data/dataset.h"

namespace cce {

enum class Split { train, valid, test };
const char* name(Split split);

/// Everything the user did before the split's answer (train: before its last target), however long ago. These
/// are the items that an evaluation counts as already seen.
std::span<const int32_t> split_history(const Dataset& dataset, int64_t user, Split split);

/// What the model is shown: the last `max_length` items of the history. Never empty.
std::span<const int32_t> split_input(const Dataset& dataset, int64_t user, Split split, int max_length);

/// The item to predict after the input's last one; for train, the last target.
int32_t split_answer(const Dataset& dataset, int64_t user, Split split);

}  // namespace cce
