#include "engine/cuda/stream.h"

#include "engine/cuda/check.h"
#include "engine/cuda/environment.h"
#include "engine/cuda/gpu.h"
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

void fail_for_memory(const std::string& what) {
  throw Error(
      ExitCode::out_of_memory,
      fmt::format("out of GPU memory: {}; lower --batch-size or --embedding-size, {}or use --device cpu",
                  what, graphs_wanted() ? "unset CCE_CUDA_GRAPHS, " : ""));
}

std::string behind_last_started() {
  std::string text = fmt::format("behind {}", last_started);
  if (!blocking()) text += "; CCE_CUDA_BLOCKING=1 in the environment finds out which operation it was";
  return text;
}

void check(cudaError_t error, std::string_view call) {
  if (error == cudaSuccess) return;
  (void)cudaGetLastError();  // it is told here, and must not be taken for a fault of the next kernel
  const std::string_view function = call.substr(0, call.find('('));
  if (error == cudaErrorMemoryAllocation) fail_for_memory(fmt::format("{} found none", function));
  fail("the GPU failed: {} ({}, {}); see: cce_rec devices", cudaGetErrorString(error), function,
       behind_last_started());
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
  CUDA_CHECK(cudaStreamSynchronize(stream()));
}

void note_started(const char* op) {
  last_started = op;
}

void wait_if_blocking() {
  if (blocking()) synchronize();
}

void check_launch(const char* op) {
  const cudaError_t error = cudaGetLastError();
  if (error == cudaErrorMemoryAllocation) fail_for_memory(fmt::format("[{}] could not be started", op));
  if (error != cudaSuccess) {
    fail("[{}] the GPU refused the kernel, or one before it failed: {}{}", op, cudaGetErrorString(error),
         blocking() ? "" : " (CCE_CUDA_BLOCKING=1 in the environment finds out which)");
  }
  wait_if_blocking();
}

}  // namespace cce::cuda
