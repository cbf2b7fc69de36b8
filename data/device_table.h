// A table that is made once, on the CPU, and then read where training computes.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/device.h"

namespace cce {

/// A copy of the values in the memory of `device`; null where that is the CPU, which has them.
template <class T>
std::shared_ptr<void> copy_for(Device device, std::span<const T> values) {
  if (device == Device::cpu) return nullptr;
  const auto bytes = static_cast<int64_t>(values.size_bytes());
  std::shared_ptr<void> copy = allocate(device, bytes);
  copy_bytes(device, copy.get(), Device::cpu, values.data(), bytes);
  return copy;
}

template <class T>
class DeviceTable {
 public:
  /// Keeps the values on the CPU, and a copy on `device` where that is another.
  DeviceTable(std::vector<T> values, Device device)
      : values_(std::move(values)), copy_(copy_for<T>(device, values_)) {}

  const std::vector<T>& values() const { return values_; }
  /// In the memory of the device.
  const T* data() const { return copy_ == nullptr ? values_.data() : static_cast<const T*>(copy_.get()); }

 private:
  std::vector<T> values_;
  std::shared_ptr<void> copy_;
};

}  // namespace cce
