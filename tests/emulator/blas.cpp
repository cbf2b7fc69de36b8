// cuBLAS in the emulation: products as its reference defines them, on column-major matrices, in double.
#include "engine/cuda/blas_library.h"
#include "tests/emulator/emulator.h"

namespace cce::cuda {
namespace {

cublasStatus_t create(cublasHandle_t* handle) {
  *handle = nullptr;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t set_stream(cublasHandle_t, cudaStream_t) {
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t set_workspace(cublasHandle_t, void*, size_t) {
  return CUBLAS_STATUS_SUCCESS;
}

/// Element (row, col) of op(x), where x is column-major with the leading dimension `lead`.
float element(const float* x, cublasOperation_t operation, int lead, int row, int col) {
  return operation == CUBLAS_OP_N ? x[static_cast<int64_t>(col) * lead + row]
                                  : x[static_cast<int64_t>(row) * lead + col];
}

cublasStatus_t gemm(cublasHandle_t, cublasOperation_t operation_a, cublasOperation_t operation_b, int m,
                    int n, int k, const void* alpha, const void* a, cudaDataType_t, int lda, const void* b,
                    cudaDataType_t, int ldb, const void* beta, void* c, cudaDataType_t, int ldc,
                    cublasComputeType_t, cublasGemmAlgo_t) {
  if (emulator::faults().product != 0) return static_cast<cublasStatus_t>(emulator::faults().product);
  // cuBLAS refuses these, too.
  if (m < 0 || n < 0 || k < 0 || lda < (operation_a == CUBLAS_OP_N ? m : k) ||
      ldb < (operation_b == CUBLAS_OP_N ? k : n) || ldc < m || lda < 1 || ldb < 1 || ldc < 1) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const float scale = *static_cast<const float*>(alpha), keep = *static_cast<const float*>(beta);
  emulator::start([=] {
    emulator::finish_late_copies();
    const emulator::MemoryAccess access;
    for (int col = 0; col < n; ++col) {
      for (int row = 0; row < m; ++row) {
        double total = 0;
        for (int i = 0; i < k; ++i) {
          total += static_cast<double>(element(static_cast<const float*>(a), operation_a, lda, row, i)) *
                   static_cast<double>(element(static_cast<const float*>(b), operation_b, ldb, i, col));
        }
        float& result = static_cast<float*>(c)[static_cast<int64_t>(col) * ldc + row];
        result = scale * static_cast<float>(total) + (keep == 0 ? 0 : keep * result);
      }
    }
  });
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace

std::string blas_problem() {
  return emulator::faults().blas;
}

BlasLibrary load_blas() {
  return {create, set_stream, set_workspace, gemm};
}

}  // namespace cce::cuda
