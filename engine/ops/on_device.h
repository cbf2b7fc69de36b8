// The one visible branch between devices. Private to the files of the operations.
#pragma once

#include <concepts>

#include "engine/context.h"
#include "engine/cuda/built.h"
#include "engine/ops/cuda_ops.h"

namespace cce {

/// Calls cpu::fn(on.parallel, ...) or cuda::fn(...), as the Executor `on` says. It stands in functions that
/// are templates on the number type T: float on the GPU, which knows no other (see Tensor::empty).
#define ON_DEVICE(on, fn, ...)                            \
  do {                                                    \
    if constexpr (kCudaBuilt && std::same_as<T, float>) { \
      if ((on).device == Device::cuda) {                  \
        cuda::fn(__VA_ARGS__);                            \
        break;                                            \
      }                                                   \
    }                                                     \
    cpu::fn((on).parallel, __VA_ARGS__);                  \
  } while (false)

}  // namespace cce
