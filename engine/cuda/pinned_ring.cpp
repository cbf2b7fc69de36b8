#include "engine/cuda/pinned_ring.h"

#include <cstring>

#include "engine/cuda/check.h"
#include "engine/cuda/stream.h"
#include "engine/error.h"

namespace cce::cuda {
namespace {

constexpr int64_t kAlignment = 256;

}  // namespace

PinnedRing::PinnedRing(int64_t bytes_of_half) : half_(bytes_of_half) {
  void* memory = nullptr;
  const cudaError_t error = cudaHostAlloc(&memory, static_cast<size_t>(2 * half_), cudaHostAllocDefault);
  if (error == cudaErrorMemoryAllocation) {
    (void)cudaGetLastError();
    throw Error(
        ExitCode::out_of_memory,
        fmt::format("out of memory: {} bytes that the GPU can read were refused; close other programs, or "
                    "use --device cpu",
                    2 * half_));
  }
  check(error, "cudaHostAlloc");
  memory_ = static_cast<char*>(memory);
  for (cudaEvent_t& event : copied_) CUDA_CHECK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
}

void PinnedRing::copy_to_gpu(void* to, const void* from, int64_t bytes) {
  // A graph would copy what stands in the ring whenever it is started.
  require(!capturing(), "[step graph] a step copies to the GPU while it is captured; unset CCE_CUDA_GRAPHS");
  const auto start = [=](const void* source) {
    CUDA_CHECK(cudaMemcpyAsync(to, source, static_cast<size_t>(bytes), cudaMemcpyHostToDevice, stream()));
    note_started("a copy to the GPU");
    wait_if_blocking();
  };
  if (bytes > half_) {
    start(from);
    // Mostly it is done by now, but CUDA does not promise that, and a GPU that can read the program's memory
    // by itself need not be.
    return synchronize();
  }
  if (used_ + bytes > half_) turn();
  char* const place = memory_ + current_ * half_ + used_;
  std::memcpy(place, from, static_cast<size_t>(bytes));
  used_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  start(place);
}

/// Goes on to the other half.
void PinnedRing::turn() {
  const auto full = static_cast<size_t>(current_);
  CUDA_CHECK(cudaEventRecord(copied_[full], stream()));
  pending_[full] = true;
  current_ = 1 - current_, used_ = 0;
  const auto next = static_cast<size_t>(current_);
  if (pending_[next]) CUDA_CHECK(cudaEventSynchronize(copied_[next]));
  pending_[next] = false;
}

}  // namespace cce::cuda
