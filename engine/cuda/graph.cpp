// Captured steps, see engine/step_graph.h.
#include <cuda_runtime.h>

#include "engine/cuda/check.h"
#include "engine/cuda/environment.h"
#include "engine/cuda/gpu.h"
#include "engine/cuda/stream.h"
#include "engine/error.h"

namespace cce::cuda {
namespace {

constexpr int64_t kCopiesOfStep = 4 << 20;  // bytes that a step may copy to the GPU

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

/// Makes the graph that can be started do what `graph` says, anew if it has another shape.
void update(std::shared_ptr<void>& kept, cudaGraph_t graph) {
  if (kept != nullptr) {
    cudaGraphExecUpdateResultInfo info{};
    if (cudaGraphExecUpdate(static_cast<cudaGraphExec_t>(kept.get()), graph, &info) == cudaSuccess) return;
    (void)cudaGetLastError();  // it is dealt with here
  }
  cudaGraphExec_t made = nullptr;
  CUDA_CHECK(cudaGraphInstantiate(&made, graph, 0));
  kept = {made, [](cudaGraphExec_t old) { cudaGraphExecDestroy(old); }};
}

}  // namespace

bool graphs_wanted() {
  // Either of the others wants to see kernels and memory one by one.
  return is_set("CCE_CUDA_GRAPHS") && !is_set("CCE_CUDA_BLOCKING") && !is_set("CCE_CUDA_EXACT_ALLOCATIONS");
}

void run_as_graph(std::shared_ptr<void>& kept, const std::function<void()>& work) {
  reserve_copies(kCopiesOfStep);
  Capture capture;
  work();
  const cudaGraph_t graph = capture.end();
  update(kept, graph);
  CUDA_CHECK(cudaGraphDestroy(graph));
  note_started("a captured step");
  CUDA_CHECK(cudaGraphLaunch(static_cast<cudaGraphExec_t>(kept.get()), stream()));
}

}  // namespace cce::cuda
