#include "engine/device.h"

#include <cstring>

#include "engine/cuda/built.h"
#include "engine/cuda/gpu.h"
#include "engine/error.h"
#include "engine/host_memory.h"

namespace cce {
namespace {

[[noreturn]] void fail_without_cuda() {
  fail("[device] this program was built without CUDA");
}

}  // namespace

const char* name(Device device) {
  return device == Device::cpu ? "cpu" : "cuda";
}

bool cuda_built() {
  return kCudaBuilt;
}

const GpuReport& gpu() {
  static const GpuReport report = [] {
    if constexpr (kCudaBuilt) {
      return cuda::find_gpu();
    } else {
      return GpuReport{.problem = "this program was built without CUDA"};
    }
  }();
  return report;
}

void set_gpu_precision(Precision precision) {
  if constexpr (kCudaBuilt) cuda::set_precision(precision);
}

std::shared_ptr<void> allocate(Device device, int64_t bytes) {
  if (device == Device::cpu) return host_memory(bytes);
  if constexpr (kCudaBuilt) return cuda::allocate(bytes);
  fail_without_cuda();
}

void copy_bytes(Device to_device, void* to, Device from_device, const void* from, int64_t bytes) {
  if (bytes == 0) return;
  const bool to_cpu = to_device == Device::cpu, from_cpu = from_device == Device::cpu;
  if (to_cpu && from_cpu) {
    std::memcpy(to, from, static_cast<size_t>(bytes));
    return;
  }
  if constexpr (kCudaBuilt) {
    if (to_cpu) return cuda::copy_to_cpu(to, from, bytes);
    if (from_cpu) return cuda::copy_to_gpu(to, from, bytes);
    return cuda::copy_within_gpu(to, from, bytes);
  }
  fail_without_cuda();
}

void zero_bytes(Device device, void* memory, int64_t bytes) {
  if (device == Device::cpu) {
    std::memset(memory, 0, static_cast<size_t>(bytes));
    return;
  }
  if constexpr (kCudaBuilt) return cuda::zero(memory, bytes);
  fail_without_cuda();
}

void fill_on_gpu([[maybe_unused]] float* numbers, [[maybe_unused]] int64_t count,
                 [[maybe_unused]] float value) {
  if constexpr (kCudaBuilt) return cuda::fill(numbers, count, value);
  fail_without_cuda();
}

int64_t peak_device_bytes() {
  if constexpr (kCudaBuilt) return cuda::peak_bytes();
  return 0;
}

}  // namespace cce
