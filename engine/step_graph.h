// A training step on the GPU started as one: its kernels are not handed over one by one, but noted down
// (captured) as a CUDA graph, which is then started by a single call.
//
// How many positions a batch has, and with it every kernel's size, changes from step to step. So each step is
// captured anew, which is cheaper than starting it, and the graph of the step before, which mostly has the
// same kernels in the same order, takes over the new one's numbers instead of being built again. The same
// kernels run with the same numbers, so results have the same bits as without.
#pragma once

#include <functional>
#include <memory>

#include "engine/device.h"

namespace cce {

/// Only on a GPU, and only with CCE_CUDA_GRAPHS=1 in the environment: it has never been measured.
class StepGraph {
 public:
  explicit StepGraph(Device device);

  /// Calls `work`, which must start everything on the GPU and wait for nothing there, and then starts what it
  /// asked for. Throws where something cannot be captured.
  void run(const std::function<void()>& work);

 private:
  bool captures_;
  bool first_ = true;            // the first step makes what stays: handles, memory
  std::shared_ptr<void> graph_;  // of the step before
};

}  // namespace cce
