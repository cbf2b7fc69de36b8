// What to do where memory runs out.
#pragma once

#include <functional>

#include "data/dataset.h"
#include "engine/error.h"

namespace cce {

/// Does `work` on `dataset`. Where memory runs out although there are few items, because tables have a row
/// for every id up to the largest, the error (exit code 3) says so.
ExitCode explaining_memory(const Dataset& dataset, const std::function<ExitCode()>& work);

/// A line about gaps between the item ids that cost memory; "" if there are none to speak of.
std::string advice_on_ids(const Dataset& dataset);

}  // namespace cce
