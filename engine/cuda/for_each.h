// The simplest kernel there is: a function called for every element, one thread each.
#pragma once

#include "engine/cuda/launch.h"

namespace cce::cuda {

template <class F>
__global__ void for_each_kernel(int64_t size, F f) {
  const int64_t i = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < size) f(i);
}

/// f(i) for i = 0 .. size - 1, in no order. F is a struct with `__device__ void operator()(int64_t i) const`;
/// calls must not touch what others write.
template <class F>
void for_each(const char* op, int64_t size, const F& f) {
  constexpr int kThreads = 256;
  launch({op, pieces(size, kThreads), kThreads}, for_each_kernel<F>, size, f);
}

}  // namespace cce::cuda
