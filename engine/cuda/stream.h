// The one queue of work on the GPU. Kernels, copies and products are appended to it and run in that order.
#pragma once

#include <cuda_runtime.h>

namespace cce::cuda {

/// Made when it is first asked for.
cudaStream_t stream();

/// Waits until everything that was started is done; throws if something failed, naming the operation that was
/// started last. (With CCE_CUDA_BLOCKING=1 in the environment, every launch is waited for, and the name is
/// that of the one that failed.)
void synchronize();

/// Whether what is started is captured, to be started later (graph.cpp); nobody may wait for it then.
bool capturing();
void set_capturing(bool captures);
/// Throws if it is captured. Comes before whatever CUDA itself refuses then, as CUDA's message leads nowhere.
void require_no_capture();

/// The operation that was started last, for messages.
void note_started(const char* op);
/// Throws if the launch of `op` was refused, which it also is when something that was started before failed.
void check_launch(const char* op);

}  // namespace cce::cuda
