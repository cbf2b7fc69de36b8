// Adding one tensor to another, for losses that computed their gradient together with their value. Private to
// kernel files.
#pragma once

#include "engine/parallel.h"
#include "engine/tensor.h"

namespace cce::cpu {

/// into[i] += scale * from[i].
template <class T>
void add_scaled(Parallel& parallel, const Tensor& from, T scale, const Tensor& into) {
  const T* const source = from.data<T>();
  T* const sink = into.data<T>();
  parallel.ranges(from.size(), 1 << 15, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) sink[i] += scale * source[i];
  });
}

}  // namespace cce::cpu
