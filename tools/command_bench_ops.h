// How long single operations of the engine take, and how much of the processor's peak they reach.
#pragma once

#include <string>

#include "tools/options.h"

namespace cce {

/// What was measured on: "AMD EPYC, 2 threads: multiply-add peak 206 GFLOP/s, measured".
std::string machine_line(int threads, double peak);

/// A table with a row for each operation, on shapes of a training step on Toys. Times are medians of
/// `options.repeats` samples of at least 50 ms each. On a GPU also the softmax over 1 and 10 million items.
std::string bench_ops(const BenchOptions& options);

}  // namespace cce
