// The way from the program's memory to the GPU's without waiting. The GPU cannot read ordinary memory by
// itself: a copy out of it waits until all work before it is done. So numbers are put into memory that it can
// read (pinned), from where they are copied in their turn, while the program goes on.
#pragma once

#include <cuda_runtime.h>

#include <array>
#include <cstdint>

namespace cce::cuda {

/// Two halves that are filled in turn. Before a half is filled again, the copies out of it must be done,
/// which they are but for a program that is far ahead of the GPU. For one thread at a time; lives to the end.
class PinnedRing {
 public:
  explicit PinnedRing(int64_t bytes_of_half);

  /// Starts a copy; `from` may change at once. What does not fit a half is copied directly, with waiting.
  void copy_to_gpu(void* to, const void* from, int64_t bytes);

 private:
  void turn();

  int64_t half_, used_ = 0;  // bytes of a half, and of the current one in use
  int current_ = 0;
  char* memory_ = nullptr;
  std::array<cudaEvent_t, 2> copied_{};  // all copies out of the half
  std::array<bool, 2> pending_{};        // whether the event stands for copies that nobody waited for
};

}  // namespace cce::cuda
