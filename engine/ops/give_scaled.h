// Handing on a gradient, for losses that computed it together with their value. Private to kernel files.
#pragma once

#include "engine/ops/on_device.h"

namespace cce {

/// Adds dloss * gradient to x's gradient, if one flows to x. The tensor `gradient` itself may become x's: it
/// must not be used afterwards.
template <class T>
void give_scaled(const Executor& on, const Tensor& gradient, const Tensor& dloss, const Tensor& x) {
  if (!x.needs_grad()) return;
  if constexpr (kCudaBuilt && std::same_as<T, float>) {
    if (on.device == Device::cuda) {  // dloss is read there
      if (x.grad().defined())
        return cuda::add_scaled(x.size(), gradient.data<T>(), dloss.data<T>(), x.grad().template data<T>());
      cuda::scale_in_place(x.size(), dloss.data<T>(), gradient.data<T>());
      return x.set_grad(gradient);
    }
  }
  const T scale = static_cast<T>(dloss.item());
  if (scale == T{1} && !x.grad().defined()) return x.set_grad(gradient);
  const T* const source = gradient.data<T>();
  T* const sink = x.grad_to_add().template data<T>();
  on.parallel.ranges(gradient.size(), 1 << 15, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) sink[i] += scale * source[i];
  });
}

}  // namespace cce
