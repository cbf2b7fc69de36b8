#include "engine/cuda/blas_library.h"

#include <dlfcn.h>

#include <string>

#include "engine/error.h"

namespace cce::cuda {
namespace {

/// The library of the version whose headers this was compiled with.
void* open_library() {
  const std::string name = fmt::format("libcublas.so.{}", CUBLAS_VER_MAJOR);
  for (const std::string& folder : {std::string(), std::string("/usr/local/cuda/lib64/")}) {
    if (void* const library = dlopen((folder + name).c_str(), RTLD_NOW)) return library;
  }
  fail_usage("the GPU needs cuBLAS, and {} was not found: install CUDA's libraries, or use --device cpu",
             name);
}

template <class Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  require(function != nullptr, "cuBLAS has no {}: another version than this program was built with", name);
}

}  // namespace

BlasLibrary load_blas() {
  void* const library = open_library();  // stays open
  BlasLibrary functions{};
  find(library, "cublasCreate_v2", functions.create);
  find(library, "cublasSetStream_v2", functions.set_stream);
  find(library, "cublasSetWorkspace_v2", functions.set_workspace);
  find(library, "cublasGemmEx", functions.gemm);
  return functions;
}

}  // namespace cce::cuda
