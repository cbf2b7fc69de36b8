// The numbers of a training step that differ from those of the step before, where everything else that its
// kernels are given is the same. A GPU reads them from its memory, so a step that was captured can be started
// again with others (see step_graph.h).
#pragma once

#include <cstdint>

namespace cce {

struct StepNumbers {
  uint32_t step = 0;  ///< key of what is drawn, see Context
  int32_t rows = 0;   ///< that count, of those that the loss is given; the others fill up
  int32_t place = 0;  ///< of its loss among those that are kept, see StepLosses
  /// Adam's, see Adam::Rates.
  float lr = 0, inverse_root_correction2 = 0, shrink = 0;
};

/// The numbers of one step of Adam that are the same for all parameters.
template <class T>
struct AdamNumbers {
  T lr, one_minus_beta1, beta2, one_minus_beta2, inverse_root_correction2, eps, decay, shrink;
};

}  // namespace cce
