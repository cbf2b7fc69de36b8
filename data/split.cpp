#include "data/split.h"

#include <algorithm>

namespace cce {
namespace {

/// How many items at the end of a sequence come after the split's history, its answer included.
size_t held_back(Split split) {
  return split == Split::train ? 3 : split == Split::valid ? 2 : 1;
}

}  // namespace

const char* name(Split split) {
  return split == Split::train ? "train" : split == Split::valid ? "valid" : "test";
}

std::span<const int32_t> split_history(const Dataset& dataset, int64_t user, Split split) {
  const std::span<const int32_t> sequence = dataset.sequence(user);
  return sequence.first(sequence.size() - held_back(split));
}

std::span<const int32_t> split_input(const Dataset& dataset, int64_t user, Split split, int max_length) {
  const std::span<const int32_t> history = split_history(dataset, user, split);
  return history.last(std::min(history.size(), static_cast<size_t>(max_length)));
}

int32_t split_answer(const Dataset& dataset, int64_t user, Split split) {
  const std::span<const int32_t> sequence = dataset.sequence(user);
  return sequence[sequence.size() - held_back(split)];
}

}  // namespace cce
