// Tables that are made once, on the CPU, and then read where training computes.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "engine/device.h"

namespace cce {

/// Values of somebody else, which must outlive it, and a copy of them on `device` where that is not the CPU.
template <class T>
class DeviceCopy {
 public:
  DeviceCopy(std::span<const T> values, Device device) : values_(values) {
    if (device == Device::cpu) return;
    const auto bytes = static_cast<int64_t>(values.size_bytes());
    copy_ = allocate(device, bytes);
    copy_bytes(device, copy_.get(), Device::cpu, values.data(), bytes);
  }

  /// In the memory of the device.
  const T* data() const { return copy_ == nullptr ? values_.data() : static_cast<const T*>(copy_.get()); }

 private:
  std::span<const T> values_;
  std::shared_ptr<void> copy_;
};

/// The same with values of its own.
template <class T>
class DeviceTable {
 public:
  DeviceTable(std::vector<T> values, Device device) : values_(std::move(values)), there_(values_, device) {}
  DeviceTable(DeviceTable&&) noexcept = default;  // the values stay where they are in memory
  DeviceTable& operator=(DeviceTable&&) noexcept = default;

  const std::vector<T>& values() const { return values_; }
  /// In the memory of the device.
  const T* data() const { return there_.data(); }

 private:
  std::vector<T> values_;
  DeviceCopy<T> there_;
};

}  // namespace cce
