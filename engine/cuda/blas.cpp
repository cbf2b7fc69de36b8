#include "engine/cuda/blas.h"

#include <cublas_v2.h>
#include <cuda_runtime.h>

#include "engine/cuda/blas_library.h"
#include "engine/cuda/gpu.h"
#include "engine/cuda/stream.h"
#include "engine/error.h"

namespace cce::cuda {
namespace {

Precision chosen_precision = Precision::fp32;

cublasComputeType_t compute_type() {
  switch (chosen_precision) {
    case Precision::tf32:
      return CUBLAS_COMPUTE_32F_FAST_TF32;
    case Precision::bf16:
      return CUBLAS_COMPUTE_32F_FAST_16BF;
    default:
      return CUBLAS_COMPUTE_32F;
  }
}

std::string status_text(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_NOT_INITIALIZED:
      return "it could not be initialised";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "a value is not possible";
    case CUBLAS_STATUS_ARCH_MISMATCH:
      return "not on this GPU";
    case CUBLAS_STATUS_EXECUTION_FAILED:
      return "the GPU failed";
    case CUBLAS_STATUS_NOT_SUPPORTED:
      return "not supported";
    default:
      return fmt::format("status {}", static_cast<int>(status));
  }
}

void check_blas(cublasStatus_t status, const char* function) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  if (status == CUBLAS_STATUS_ALLOC_FAILED) fail_for_memory(fmt::format("{} found none", function));
  fail("cuBLAS failed: {} ({}, {}); see: cce_rec devices", status_text(status), function,
       behind_last_started());
}

/// cuBLAS, bound to the stream. It gets its workspace here: with one of its own, results could depend on what
/// ran before, and a product could not be part of a captured graph.
struct Blas {
  BlasLibrary library = load_blas();
  cublasHandle_t handle = nullptr;
  std::shared_ptr<void> workspace;

  Blas() {
    constexpr int64_t kWorkspaceBytes = 32 << 20;  // what cuBLAS recommends for compute capability 9.0
    check_blas(library.create(&handle), "cublasCreate");
    check_blas(library.set_stream(handle, stream()), "cublasSetStream");
    workspace = allocate(kWorkspaceBytes);
    check_blas(library.set_workspace(handle, workspace.get(), kWorkspaceBytes), "cublasSetWorkspace");
  }
};

Blas& blas() {
  static Blas& only = *new Blas;  // never destroyed: the driver may be gone by then
  return only;
}

}  // namespace

void set_precision(Precision wanted) {
  chosen_precision = wanted;
}

Precision precision() {
  return chosen_precision;
}

void gemm(int64_t rows, int64_t cols, int64_t depth, Operand a, Operand b, float* c, int64_t c_row,
          bool add) {
  if (rows == 0 || cols == 0) return;
  const float one = 1, beta = add ? 1 : 0;
  const auto operation = [](const Operand& x) { return x.transposed ? CUBLAS_OP_T : CUBLAS_OP_N; };
  check_blas(blas().library.gemm(blas().handle, operation(b), operation(a), static_cast<int>(cols),
                                 static_cast<int>(rows), static_cast<int>(depth), &one, b.data, CUDA_R_32F,
                                 static_cast<int>(b.row), a.data, CUDA_R_32F, static_cast<int>(a.row), &beta,
                                 c, CUDA_R_32F, static_cast<int>(c_row), compute_type(), CUBLAS_GEMM_DEFAULT),
             "cublasGemmEx");
  note_started("a matrix product");
  wait_if_blocking();
}

}  // namespace cce::cuda
