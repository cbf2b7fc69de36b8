#include "engine/kernels/gemm_tiles.h"

namespace cce::cpu {

template <class Isa, class T>
void Kernels<Isa, T>::gemm(int64_t rows, int64_t cols, int64_t depth, Strided<T> a, const T* b, int64_t b_row,
                           T* c, int64_t c_row, Start<T> start) {
  gemm_detail::product(rows, cols, depth, a, b, b_row, c, c_row, start);
}

template void Kernels<CurrentIsa, float>::gemm(int64_t, int64_t, int64_t, Strided<float>, const float*,
                                               int64_t, float*, int64_t, Start<float>);
template void Kernels<CurrentIsa, double>::gemm(int64_t, int64_t, int64_t, Strided<double>, const double*,
                                                int64_t, double*, int64_t, Start<double>);

}  // namespace cce::cpu
