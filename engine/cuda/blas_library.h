// The functions of cuBLAS that are used, as they stand in its library. Private to blas.cpp and
// gpu.cpp.
#pragma once

#include <cublas_v2.h>

#include <string>

namespace cce::cuda {

struct BlasLibrary {
  decltype(&cublasCreate_v2) create;
  decltype(&cublasSetStream_v2) set_stream;
  decltype(&cublasSetWorkspace_v2) set_workspace;
  cublasStatus_t (*gemm)(cublasHandle_t handle, cublasOperation_t operation_a, cublasOperation_t operation_b,
                         int m, int n, int k, const void* alpha, const void* a, cudaDataType_t type_a,
                         int lda, const void* b, cudaDataType_t type_b, int ldb, const void* beta, void* c,
                         cudaDataType_t type_c, int ldc, cublasComputeType_t compute,
                         cublasGemmAlgo_t algorithm);
};

/// Why the library cannot be used, for the end of a sentence; empty: it can. Opens it.
std::string blas_problem();
/// Its functions; throws where there is a problem.
BlasLibrary load_blas();

}  // namespace cce::cuda
