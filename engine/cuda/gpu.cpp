// Finding the GPU, its memory, and copies to and from it.
#include "engine/cuda/gpu.h"

#include <cuda_runtime.h>

#include <cstdlib>

#include "engine/cuda/allocator.h"
#include "engine/cuda/blas_library.h"
#include "engine/cuda/check.h"
#include "engine/cuda/environment.h"
#include "engine/cuda/pinned_ring.h"
#include "engine/cuda/stream.h"
#include "engine/error.h"

namespace cce::cuda {
namespace {

/// The lowest compute capability that kernels are compiled for, times 10, see cmake/cuda.cmake.
constexpr int kOldest = CCE_CUDA_OLDEST;

constexpr int64_t kHalfOfRing = 8 << 20;  // holds some hundred batches

/// 13000 -> "13.0"
std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

/// Why there is no device, in words that lead to the remedy.
std::string problem_of(cudaError_t error, int driver, int runtime) {
  const char* const visible = std::getenv("CUDA_VISIBLE_DEVICES");
  if (visible != nullptr && error == cudaErrorNoDevice) {
    return fmt::format("CUDA_VISIBLE_DEVICES={} leaves no NVIDIA GPU", visible);
  }
  if (driver == 0) return "there is no NVIDIA driver";
  if (error == cudaErrorInsufficientDriver) {
    return fmt::format("the NVIDIA driver knows CUDA {}, and this program needs {}", version_text(driver),
                       version_text(runtime));
  }
  if (error == cudaErrorNoDevice) return "the NVIDIA driver finds no GPU";
  return fmt::format("the NVIDIA driver says: {}", cudaGetErrorString(error));
}

Allocator& allocator() {
  static Allocator& only =
      *new Allocator(is_set("CCE_CUDA_EXACT_ALLOCATIONS"));  // tensors may outlive everything else
  return only;
}

/// What captured steps use (see capture()): one after another, so all of them the same memory.
Allocator& allocator_of_graphs() {
  static Allocator& only = *new Allocator(false);
  return only;
}

PinnedRing& ring() {
  static PinnedRing& only = *new PinnedRing(kHalfOfRing);  // never destroyed, like the stream
  return only;
}

}  // namespace

GpuReport find_gpu() {
  GpuReport report;
  int driver = 0, runtime = 0, count = 0;
  cudaDriverGetVersion(&driver);  // 0 where there is none
  cudaRuntimeGetVersion(&runtime);
  report.runtime = version_text(runtime);
  if (driver != 0) report.driver = version_text(driver);
  const cudaError_t error = cudaGetDeviceCount(&count);
  (void)cudaGetLastError();  // what failed here is told, and must not show up in a later check
  if (error != cudaSuccess || count == 0) {
    report.problem = problem_of(error == cudaSuccess ? cudaErrorNoDevice : error, driver, runtime);
    return report;
  }
  cudaDeviceProp properties{};
  if (const cudaError_t unknown = cudaGetDeviceProperties(&properties, 0); unknown != cudaSuccess) {
    (void)cudaGetLastError();
    report.problem = fmt::format("the NVIDIA driver says of the GPU: {}", cudaGetErrorString(unknown));
    return report;
  }
  report.name = properties.name;
  report.major = properties.major, report.minor = properties.minor;
  report.multiprocessors = properties.multiProcessorCount;
  report.memory_bytes = static_cast<int64_t>(properties.totalGlobalMem);
  if (10 * report.major + report.minor < kOldest) {
    report.problem =
        fmt::format("the {} has compute capability {}.{}, and this program was built for {}.{} or later",
                    report.name, report.major, report.minor, kOldest / 10, kOldest % 10);
    return report;
  }
  size_t free_bytes = 0, all_bytes = 0;
  if (const cudaError_t busy = cudaMemGetInfo(&free_bytes, &all_bytes); busy != cudaSuccess) {
    (void)cudaGetLastError();
    report.problem = fmt::format("the {} cannot be used: {}", report.name, cudaGetErrorString(busy));
    return report;
  }
  report.free_bytes = static_cast<int64_t>(free_bytes);
  report.problem = blas_problem();
  return report;
}

std::shared_ptr<void> allocate(int64_t bytes) {
  Allocator& from = capturing() ? allocator_of_graphs() : allocator();
  return {from.take(bytes), [&from, bytes](void* memory) { from.give_back(memory, bytes); }};
}

void copy_to_gpu(void* to, const void* from, int64_t bytes) {
  ring().copy_to_gpu(to, from, bytes);
}

void copy_to_cpu(void* to, const void* from, int64_t bytes) {
  require_no_capture();
  CUDA_CHECK(cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyDeviceToHost, stream()));
  synchronize();
}

void copy_within_gpu(void* to, const void* from, int64_t bytes) {
  CUDA_CHECK(cudaMemcpyAsync(to, from, static_cast<size_t>(bytes), cudaMemcpyDeviceToDevice, stream()));
  note_started("a copy");
  wait_if_blocking();
}

void zero(void* memory, int64_t bytes) {
  if (bytes == 0) return;
  CUDA_CHECK(cudaMemsetAsync(memory, 0, static_cast<size_t>(bytes), stream()));
  note_started("zeros");
  wait_if_blocking();
}

int64_t peak_bytes() {
  return allocator().peak_bytes() + allocator_of_graphs().peak_bytes();
}

}  // namespace cce::cuda
