#include "engine/cuda/allocator.h"

#include <algorithm>
#include <bit>

#include "engine/cuda/check.h"
#include "engine/cuda/stream.h"
#include "engine/error.h"

namespace cce::cuda {
namespace {

constexpr int64_t kSmallest = 512;

double megabytes(int64_t bytes) {
  return static_cast<double>(bytes) / 1e6;
}

}  // namespace

int64_t Allocator::rounded(int64_t bytes) const {
  if (exact_) return std::max<int64_t>(bytes, 4);
  if (bytes <= kSmallest) return kSmallest;
  const auto power = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(bytes)));
  const int64_t step = std::max(power / 8, kSmallest);
  return (bytes + step - 1) / step * step;
}

void* Allocator::take(int64_t bytes) {
  const int64_t size = rounded(bytes);
  std::vector<void*>& kept = kept_[size];
  void* memory = nullptr;
  if (kept.empty()) {
    memory = from_driver(size);
  } else {
    memory = kept.back();
    kept.pop_back();
  }
  taken_ += size;
  peak_ = std::max(peak_, taken_);
  return memory;
}

void Allocator::give_back(void* memory, int64_t bytes) {
  const int64_t size = rounded(bytes);
  taken_ -= size;
  if (exact_) {
    cudaFree(
        memory);  // an error would be an earlier kernel's, and is reported where the program waits for it
    return;
  }
  kept_[size].push_back(memory);
}

void* Allocator::from_driver(int64_t bytes) {
  void* memory = nullptr;
  cudaError_t error = cudaMalloc(&memory, static_cast<size_t>(bytes));
  if (error == cudaErrorMemoryAllocation && !capturing()) {
    (void)cudaGetLastError();  // it is dealt with here
    synchronize();
    release_kept();
    error = cudaMalloc(&memory, static_cast<size_t>(bytes));
  }
  if (error == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    size_t free_bytes = 0, all_bytes = 0;
    CUDA_CHECK(cudaMemGetInfo(&free_bytes, &all_bytes));
    fail_for_memory(fmt::format("{:.1f} MB more were needed, {:.1f} of {:.1f} MB are free", megabytes(bytes),
                                megabytes(static_cast<int64_t>(free_bytes)),
                                megabytes(static_cast<int64_t>(all_bytes))));
  }
  check(error, "cudaMalloc");
  return memory;
}

void Allocator::release_kept() {
  for (auto& [size, blocks] : kept_) {
    for (void* const block : blocks) CUDA_CHECK(cudaFree(block));
  }
  kept_.clear();
}

}  // namespace cce::cuda
