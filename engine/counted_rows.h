// Rows of which only the first ones count: those of a step that was filled up (see step_graph.h).
#pragma once

#include <cstdint>

#include "engine/host_device.h"

namespace cce {

struct CountedRows {
  int64_t rows;
  const int32_t* in_use;  ///< how many count, in the GPU's memory; null: all

  CCE_HOST_DEVICE int64_t count() const { return in_use == nullptr ? rows : *in_use; }
  /// The row that counts whose numbers this one repeats, if it does not count itself. The rows behind repeat
  /// all of the others in turn: what goes to one item's gradient is added up by one warp, which must not get
  /// more to do than the others.
  CCE_HOST_DEVICE int64_t stands_for(int64_t row) const { return row < count() ? row : row % count(); }
};

}  // namespace cce
