#include "engine/cuda/stream.h"

#include "engine/cuda/check.h"
#include "engine/cuda/environment.h"
#include "engine/error.h"

namespace cce::cuda {
namespace {

const char* last_started = "nothing";

bool is_capturing = false;

bool blocking() {
  static const bool asked = is_set("CCE_CUDA_BLOCKING");
  return asked;
}

}  // namespace

void check(cudaError_t error, const char* call) {
  if (error == cudaSuccess) return;
  (void)cudaGetLastError();  // it is told here, and must not be taken for a fault of the next kernel
  fail("the GPU failed: {} ({}); see: cce_rec devices", cudaGetErrorString(error), call);
}

cudaStream_t stream() {
  static const cudaStream_t only = [] {
    cudaStream_t made;
    CUDA_CHECK(cudaStreamCreateWithFlags(&made, cudaStreamNonBlocking));
    return made;
  }();
  return only;
}

void set_capturing(bool captures) {
  is_capturing = captures;
}

bool capturing() {
  return is_capturing;
}

void require_no_capture() {
  require(!is_capturing, "[step graph] a step waits for the GPU, behind {}; unset CCE_CUDA_GRAPHS",
          last_started);
}

void synchronize() {
  require_no_capture();
  const cudaError_t error = cudaStreamSynchronize(stream());
  if (error == cudaSuccess) return;
  fail(
      "the GPU failed: {} (the operation started last was {}; CCE_CUDA_BLOCKING=1 in the environment finds "
      "out which)",
      cudaGetErrorString(error), last_started);
}

void note_started(const char* op) {
  last_started = op;
}

void check_launch(const char* op) {
  const cudaError_t error = cudaGetLastError();
  if (error != cudaSuccess) {
    fail("[{}] the GPU refused the kernel, or one before it failed: {} (CCE_CUDA_BLOCKING=1 tells which)", op,
         cudaGetErrorString(error));
  }
  if (blocking()) synchronize();
}

}  // namespace cce::cuda
