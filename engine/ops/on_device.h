// The one visible branch between devices. Private to the files of the operations.
#pragma once

#include <concepts>
#include <span>

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

/// The ids, to be checked, where that is possible without waiting for another device: what is on the GPU was
/// checked when it was made.
inline std::span<const int32_t> ids_on_cpu(const Tensor& ids) {
  return ids.device() == Device::cpu ? ids.span<int32_t>() : std::span<const int32_t>();
}

/// Throws, naming `op`, unless the offsets, which are on the CPU, are those of at least one sequence and go
/// from 0 to `rows`.
inline void require_offsets(const char* op, std::span<const int32_t> offsets_B1, int64_t rows) {
  require(offsets_B1.size() >= 2 && offsets_B1.front() == 0 && offsets_B1.back() == rows,
          "[{}] expected offsets from 0 to {}", op, rows);
}

/// The gradient that a backward adds to; null where none is needed.
template <class T>
T* grad_or_null(const Tensor& x) {
  return x.needs_grad() ? x.grad_to_add().template data<T>() : nullptr;
}

}  // namespace cce
