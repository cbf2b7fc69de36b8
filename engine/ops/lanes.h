// Sixteen numbers at a time: how CPU kernels instantiate formulas.h. Private to kernel files, as it includes
// Eigen.
#pragma once

#include <Eigen/Core>
#include <cstdint>
// after Eigen/Core, which it extends
#include <unsupported/Eigen/SpecialFunctions>

namespace cce::cpu {

inline constexpr int64_t kLaneCount = 16;

template <class T>
using Lanes = Eigen::Array<T, kLaneCount, 1>;

/// Up to sixteen numbers from memory; lanes beyond `count` hold `fill`, for which the formula must be
/// defined.
template <class T>
Lanes<T> load_lanes(const T* p, int64_t count, T fill = T{0}) {
  if (count >= kLaneCount) return Eigen::Map<const Lanes<T>>(p);
  Lanes<T> lanes = Lanes<T>::Constant(fill);
  for (int64_t i = 0; i < count; ++i) lanes[i] = p[i];
  return lanes;
}

template <class T>
void store_lanes(T* p, int64_t count, const Lanes<T>& lanes) {
  if (count >= kLaneCount) {
    Eigen::Map<Lanes<T>>{p} = lanes;
    return;
  }
  for (int64_t i = 0; i < count; ++i) p[i] = lanes[i];
}

template <class T>
void add_lanes(T* p, int64_t count, const Lanes<T>& lanes) {
  store_lanes<T>(p, count, load_lanes<T>(p, count) + lanes);
}

}  // namespace cce::cpu
