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

/// "libcublas.so.13", of the version whose headers this was compiled with.
std::string file_name() {
  return fmt::format("libcublas.so.{}", CUBLAS_VER_MAJOR);
}

/// Null where there is none.
void* find_library() {
  const std::string part =
      fmt::format("libcublasLt.so.{}", CUBLAS_VER_MAJOR);  // that it needs, from the same folder
  for (const std::string& folder : folders()) {
    dlopen((folder + part).c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (void* const library = dlopen((folder + file_name()).c_str(), RTLD_NOW)) return library;
  }
  return nullptr;
}

/// Stays open.
void* library() {
  static void* const only = find_library();
  return only;
}

template <class Function>
bool find(const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library(), name));
  return function != nullptr;
}

bool find_all(BlasLibrary& functions) {
  return find("cublasCreate_v2", functions.create) && find("cublasSetStream_v2", functions.set_stream) &&
         find("cublasSetWorkspace_v2", functions.set_workspace) && find("cublasGemmEx", functions.gemm);
}

}  // namespace

std::string blas_problem() {
  if (library() == nullptr) {
    return fmt::format("the GPU needs cuBLAS, and {} was not found: install CUDA's libraries", file_name());
  }
  BlasLibrary functions{};
  if (!find_all(functions))
    return fmt::format("{} is of another version than this program was built with", file_name());
  return "";
}

BlasLibrary load_blas() {
  if (const std::string problem = blas_problem(); !problem.empty())
    fail_usage("{}, or use --device cpu", problem);
  BlasLibrary functions{};
  find_all(functions);
  return functions;
}

}  // namespace cce::cuda
