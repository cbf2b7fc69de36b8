// How long the program takes for an epoch of training and for an evaluation, measured on real runs.
#pragma once

#include <string>

#include "tools/options.h"

namespace cce {

/// Trains one epoch to warm up and `options.repeats` more, in a run folder that is removed again; the
/// medians, as text.
std::string bench_epoch(const BenchOptions& options);

/// Likewise S3-Rec's pre-training, `options.repeats` epochs, which warm up by themselves.
std::string bench_pretraining(const BenchOptions& options);

}  // namespace cce
