// Handing on a gradient, for losses that computed it together with their value. Private to kernel files.
#pragma once

#include "engine/parallel.h"
#include "engine/tensor.h"

namespace cce::cpu {

/// Adds scale * gradient to x's gradient, if one flows to x. The tensor `gradient` itself becomes x's where
/// there is none yet and the scale is 1: it must not be used afterwards.
template <class T>
void give_scaled(Parallel& parallel, const Tensor& gradient, T scale, const Tensor& x) {
  if (!x.needs_grad()) return;
  if (scale == T{1} && !x.grad().defined()) return x.set_grad(gradient);
  const T* const source = gradient.data<T>();
  T* const sink = x.grad_to_add().data<T>();
  parallel.ranges(gradient.size(), 1 << 15, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) sink[i] += scale * source[i];
  });
}

}  // namespace cce::cpu
