// A table that is made once, on the CPU, and then read where training computes.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "engine/device.h"

namespace cce {

template <class T>
class DeviceTable {
 public:
  /// Keeps the values on the CPU, and a copy on `device` where that is another.
  DeviceTable(std::vector<T> values, Device device) : values_(std::move(values)) {
    if (device == Device::cpu) return;
    const auto bytes = static_cast<int64_t>(values_.size() * sizeof(T));
    copy_ = allocate(device, bytes);
    copy_bytes(device, copy_.get(), Device::cpu, values_.data(), bytes);
  }

  const std::vector<T>& values() const { return values_; }
  /// In the memory of the device.
  const T* data() const { return copy_ == nullptr ? values_.data() : static_cast<const T*>(copy_.get()); }

 private:
  std::vector<T> values_;
  std::shared_ptr<void> copy_;
};

}  // namespace cce
