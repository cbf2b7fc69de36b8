#include "engine/cuda/blas_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "engine/error.h"

namespace cce::cuda {
namespace {

/// Where the library may be: where the system looks (""), where CUDA is, and where it was when this was
/// built.
std::vector<std::string> folders() {
  std::vector<std::string> places{""};
  for (const char* const variable : {"CUDA_PATH", "CUDA_HOME"}) {
    const char* const root = std::getenv(variable);
    if (root == nullptr) continue;
    for (const char* const folder : {"/lib64/", "/lib/"}) places.push_back(std::string(root) + folder);
  }
  places.insert(places.end(), {"/usr/local/cuda/lib64/", CCE_CUDA_LIBRARIES});
  return places;
}

/// The library of the version whose headers this was compiled with.
void* open_library() {
  const std::string name = fmt::format("libcublas.so.{}", CUBLAS_VER_MAJOR);
  const std::string part =
      fmt::format("libcublasLt.so.{}", CUBLAS_VER_MAJOR);  // that it needs, from the same folder
  for (const std::string& folder : folders()) {
    dlopen((folder + part).c_str(), RTLD_NOW | RTLD_GLOBAL);
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
