// Memory of the GPU that is kept when it is given back, because asking the driver for it waits for everything
// that runs.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace cce::cuda {

/// Blocks come in sizes of which there are eight between a power of two and the next, so a block that was
/// given back serves later requests of about its size. As there is one stream, a block can be handed out
/// again at once: what used it before runs before what uses it next. For one thread at a time.
class Allocator {
 public:
  /// With `exact`, sizes are not rounded and nothing is kept, so that compute-sanitizer sees every access
  /// beyond the end of a block.
  explicit Allocator(bool exact) : exact_(exact) {}

  /// Throws (ExitCode::out_of_memory), saying what was needed and what is free.
  void* take(int64_t bytes);
  void give_back(void* memory, int64_t bytes);

  /// The most bytes that were taken at once.
  int64_t peak_bytes() const { return peak_; }

 private:
  int64_t rounded(int64_t bytes) const;
  void* from_driver(int64_t bytes);
  void release_kept();

  bool exact_;
  std::map<int64_t, std::vector<void*>> kept_;  // by size
  int64_t taken_ = 0, peak_ = 0;
};

}  // namespace cce::cuda
