// How cuBLAS is found: this needs no GPU.
#include "engine/cuda/blas_library.h"

#include <doctest/doctest.h>

#include "tests/data/files.h"

namespace cce::test {

TEST_CASE("cuBLAS is found with all that is needed of it, or missed by name") {
  const std::string problem = cuda::blas_problem();
  if (problem.empty()) {
    const cuda::BlasLibrary library = cuda::load_blas();
    CHECK(bool(library.create != nullptr));
    CHECK(bool(library.set_stream != nullptr));
    CHECK(bool(library.set_workspace != nullptr));
    CHECK(bool(library.gemm != nullptr));
    return;
  }
  CHECK(problem.find("libcublas.so.") != std::string::npos);
  CHECK(testing::message_of([] { cuda::load_blas(); }, ExitCode::usage) == problem + ", or use --device cpu");
}

}  // namespace cce::test
