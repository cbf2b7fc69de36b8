// The losses of a training's steps, without waiting for each: a GPU has them long after they were asked for.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/step_numbers.h"
#include "engine/tensor.h"

namespace cce {

/// What a step came to.
struct StepLoss {
  int64_t step, rows;           ///< as given to begin()
  std::vector<double> numbers;  ///< the loss, and what else was to be kept
};

/// Collects the numbers on the device they are on, and fetches many at a time. On a GPU, the first loss that
/// is not finite sets failed(), which freezes the weights (see Adam): so however late it is noticed, they are
/// still those that it was computed with.
class StepLosses {
 public:
  /// `count` numbers in each step, at most 8.
  StepLosses(Device device, int64_t count);

  /// Makes a place for what is kept of a step, and returns it.
  int32_t begin(int64_t step, int64_t rows);
  /// Keeps one-element tensors, the first of which is the loss, at that place: on a GPU the one in `now`, in
  /// its memory, unless that is null. Waits for nothing on a GPU.
  void keep(const std::vector<Tensor>& numbers, const StepNumbers* now = nullptr);
  /// Whether it is time to take(): on the CPU after each step, on a GPU after 64.
  bool full() const { return static_cast<int64_t>(steps_.size()) == capacity_; }
  /// The steps that were begun since the last call, all of which were kept. Waits for them.
  std::vector<StepLoss> take();

  /// int32 [1] on the GPU, not 0 once a loss was not finite; undefined on the CPU.
  const Tensor& failed() const { return failed_; }

 private:
  Device device_;
  int64_t count_, capacity_;
  Tensor kept_, failed_;  // float [capacity, count]; only on a GPU
  std::vector<StepLoss> steps_;
};

}  // namespace cce
