// Captured steps, see engine/step_graph.h.
#include <cuda_runtime.h>

#include "engine/cuda/check.h"
#include "engine/cuda/environment.h"
#include "engine/cuda/gpu.h"
#include "engine/cuda/stream.h"
#include "engine/error.h"

namespace cce::cuda {
namespace {

/// What is started while it lives is captured instead.
class Capture {
 public:
  Capture() {
    // Relaxed: a step may ask the driver for memory.
    CUDA_CHECK(cudaStreamBeginCapture(stream(), cudaStreamCaptureModeRelaxed));
    set_capturing(true);
  }
  ~Capture() {
    if (!capturing()) return;  // else something was thrown
    set_capturing(false);
    cudaGraph_t graph = nullptr;
    if (cudaStreamEndCapture(stream(), &graph) == cudaSuccess) cudaGraphDestroy(graph);
    (void)cudaGetLastError();
  }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  cudaGraph_t end() {
    set_capturing(false);
    cudaGraph_t graph = nullptr;
    CUDA_CHECK(cudaStreamEndCapture(stream(), &graph));
    return graph;
  }
};

}  // namespace

bool graphs_wanted() {
  // Either of the others wants to see kernels and memory one by one.
  return is_set("CCE_CUDA_GRAPHS") && !is_set("CCE_CUDA_BLOCKING") && !is_set("CCE_CUDA_EXACT_ALLOCATIONS");
}

std::shared_ptr<void> capture(const std::function<void()>& work) {
  Capture capture;
  work();
  const cudaGraph_t graph = capture.end();
  cudaGraphExec_t made = nullptr;
  const cudaError_t error = cudaGraphInstantiate(&made, graph, 0);
  CUDA_CHECK(cudaGraphDestroy(graph));
  check(error, "cudaGraphInstantiate");
  // One that is still running when it goes is destroyed when it is done.
  return {made, [](cudaGraphExec_t old) { cudaGraphExecDestroy(old); }};
}

void start_captured(const std::shared_ptr<void>& captured) {
  CUDA_CHECK(cudaGraphLaunch(static_cast<cudaGraphExec_t>(captured.get()), stream()));
  note_started("a captured step");
}

}  // namespace cce::cuda
