// Two operands of one operation, the second of which may be a column beside the first.
#pragma once

#include <cstdint>

#include "engine/host_device.h"

namespace cce {

/// Where b's number for element i of a stands: the same place, or row i / cols of a column.
struct Broadcast {
  int64_t cols;  // 0: b has a's shape
  CCE_HOST_DEVICE int64_t operator()(int64_t i) const { return cols == 0 ? i : i / cols; }
};

}  // namespace cce
