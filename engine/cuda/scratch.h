// GPU memory that an operation needs only while it runs.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/cuda/gpu.h"

namespace cce::cuda {

/// `count` numbers, uninitialised. It may go while kernels that use it are still waiting to run: whoever gets
/// the memory next comes after them in the stream.
template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t count) : memory_(allocate(count * static_cast<int64_t>(sizeof(T)))) {}
  T* data() const { return static_cast<T*>(memory_.get()); }

 private:
  std::shared_ptr<void> memory_;
};

}  // namespace cce::cuda
