// What a processor's arithmetic units can do at most: the measure of how well a kernel uses them.
#pragma once

#include "engine/parallel.h"

namespace cce {

/// Floating-point operations a second (a multiply-add is two) that all threads of `parallel` reach together
/// with fused multiply-adds in float32 that depend on nothing but registers. Takes some hundredths of a
/// second.
double multiply_add_peak(Parallel& parallel);

}  // namespace cce
