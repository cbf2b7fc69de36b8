// Every call of the CUDA runtime goes through CUDA_CHECK, which turns a failure into an Error that names it.
#pragma once

#include <cuda_runtime.h>

namespace cce::cuda {

/// Throws if `call` did not succeed. In stream.cpp.
void check(cudaError_t error, const char* call);

#define CUDA_CHECK(call) ::cce::cuda::check((call), #call)

}  // namespace cce::cuda
