// The one queue of work on the GPU. Kernels, copies and products are appended to it and run in that order.
#pragma once

#include <cuda_runtime.h>

#include <string>

namespace cce::cuda {

/// Made when it is first asked for.
cudaStream_t stream();

/// Waits until everything that was started is done; throws if something failed.
void synchronize();

/// Whether what is started is captured, to be started later (graph.cpp); nobody may wait for it then.
bool capturing();
void set_capturing(bool captures);
/// Throws if it is captured. Comes before whatever CUDA itself refuses then, as CUDA's message leads nowhere.
void require_no_capture();

/// Whatever is started notes its operation, for messages: a kernel before its launch, anything else once it
/// was accepted. Messages name the operation that was started last. With CCE_CUDA_BLOCKING=1 in the
/// environment each is waited for (nothing is captured then), and that is the one that failed.
void note_started(const char* op);
void wait_if_blocking();
/// Throws if the launch of `op` was refused, which it also is when something that was started before failed;
/// waits if everything is to be waited for.
void check_launch(const char* op);

/// Throws ExitCode::out_of_memory with what there was too little of the GPU's memory for ("cudaMalloc found
/// none"), and what to do about it.
[[noreturn]] void fail_for_memory(const std::string& what);
/// "behind OPERATION", and how to find out which one failed: the end of messages.
std::string behind_last_started();

}  // namespace cce::cuda
