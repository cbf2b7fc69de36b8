// Tensors as tests write them down and look at them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/tensor.h"

namespace cce::test {

/// int32, one dimension.
inline Tensor ids(const std::vector<int32_t>& values) {
  return Tensor::from({static_cast<int64_t>(values.size())}, values);
}

/// The numbers of an int32 tensor, wherever it is; none of an undefined one.
inline std::vector<int32_t> list(const Tensor& tensor) {
  if (!tensor.defined()) return {};
  const Tensor here = tensor.to(Device::cpu);
  return {here.span<int32_t>().begin(), here.span<int32_t>().end()};
}

/// The largest absolute value, wherever the tensor is; infinity where a number is not finite, since
/// std::max would pass a NaN over.
inline double largest_number(const Tensor& tensor) {
  const Tensor values = tensor.to(Device::cpu).to(DType::f64);
  double largest = 0;
  for (const double value : values.span<double>()) {
    if (!std::isfinite(value)) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, std::abs(value));
  }
  return largest;
}

}  // namespace cce::test
