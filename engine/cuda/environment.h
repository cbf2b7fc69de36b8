// Switches in the environment that change how the GPU is used, for whoever looks for a fault.
#pragma once

#include <cstdlib>

namespace cce::cuda {

/// Whether the variable is there, is not empty, and does not begin with 0.
inline bool is_set(const char* variable) {
  const char* const value = std::getenv(variable);
  return value != nullptr && *value != '\0' && *value != '0';
}

}  // namespace cce::cuda
