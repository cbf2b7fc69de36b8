#include "engine/step_graph.h"

#include <utility>

#include "engine/cuda/built.h"
#include "engine/cuda/gpu.h"

namespace cce {

StepGraph::StepGraph(Device device) : captures_(false) {
  if constexpr (kCudaBuilt) captures_ = device == Device::cuda && cuda::graphs_wanted();
}

void StepGraph::run(const std::function<void()>& work) {
  if constexpr (kCudaBuilt) {
    if (captures_ && !std::exchange(first_, false)) return cuda::run_as_graph(graph_, work);
  }
  work();
}

}  // namespace cce
