// Whether memory will do, and what to do where it does not.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "data/dataset.h"
#include "engine/error.h"

namespace cce {

/// What decides how much memory a training needs.
struct TrainingSize {
  int64_t width = 0;   ///< of the item table
  int64_t copies = 0;  ///< of the table: weights, gradient, moments, ...
  int64_t batch_size = 0, max_length = 0;
};

/// Bytes that a training on `dataset` needs at the very least: for its item table, and for what is computed
/// of the largest batch.
int64_t least_memory(const Dataset& dataset, const TrainingSize& size);

/// Throws (exit code 3), saying what is needed, what there is and what to lower, if `needed` is more than
/// `available`.
void require_memory(const Dataset& dataset, int64_t needed, int64_t available);

/// Does `work` on `dataset`. Where memory runs out, the error (exit code 3) says what there is and what to
/// lower: options, or, where there are few items and yet tables have a row for every id up to the largest,
/// the ids.
ExitCode explaining_memory(const Dataset& dataset, const std::function<ExitCode()>& work);

/// A line about gaps between the item ids that cost memory; "" if there are none to speak of.
std::string advice_on_ids(const Dataset& dataset);

}  // namespace cce
