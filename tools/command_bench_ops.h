// How long single operations of the engine take, and how much of the processor's peak they reach.
#pragma once

#include <string>

#include "tools/options.h"

namespace cce {

/// A table with a row for each operation, on shapes of a training step on Toys. Times are medians of
/// `options.repeats` samples of at least 50 ms each.
std::string bench_ops(const BenchOptions& options);

}  // namespace cce
