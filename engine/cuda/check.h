// Every call of the CUDA runtime goes through CUDA_CHECK, which turns a failure into an Error that names it,
// and the operation that was started before it, since a kernel's fault shows in whatever comes next.
#pragma once

#include <cuda_runtime.h>

#include <string_view>

namespace cce::cuda {

/// Throws if `call`, of which only the function's name is told, did not succeed: with
/// ExitCode::out_of_memory if memory was lacking. In stream.cpp.
void check(cudaError_t error, std::string_view call);

#define CUDA_CHECK(call) ::cce::cuda::check((call), #call)

}  // namespace cce::cuda
