// What tensor cores compute, a warp at a time, on compute capability 8.0 and later: c += a b for a small
// tile, whose numbers are spread over the warp's lanes. With lane = 4 g + t,
//
//   c [16, 8]   c[0], c[1]: row g, columns 2t and 2t+1; c[2], c[3]: the same of row g + 8
//   tf32, depth 8: one number in a register
//     a [16, 8]   a[0]: row g, column t; a[1]: row g + 8; a[2], a[3]: the same of column t + 4
//     b [8, 8]    b0: row t, column g; b1: row t + 4
//   bf16, depth 16: two numbers in a register, the one with the lower index in the lower half
//     a [16, 16]  a[0]: row g, columns 2t and 2t+1; a[1]: row g + 8; a[2], a[3]: the same 8 columns further
//     b [16, 8]   b0: rows 2t and 2t+1, column g; b1: the same 8 rows further
//
// All lanes must call these together. Sums are float32. In the emulation, tests/emulator/mma.h stands in.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#if defined(CCE_CUDA_EMULATED)
#include "tests/emulator/mma.h"

namespace cce::cuda {

using emulator::load_transposed;
using emulator::mma_bf16;
using emulator::mma_tf32;
using emulator::pack_bf16;
using emulator::round_to_tf32;

}  // namespace cce::cuda

#else

namespace cce::cuda {

/// The nearest number that has 10 bits behind the point, as a register of the product. What its last 13 bits
/// are is not said: the product leaves them out.
__device__ inline uint32_t round_to_tf32(float x) {
  uint32_t rounded;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(x));
  return rounded;
}

/// The nearest two numbers that have 7 bits behind the point, in one register.
__device__ inline uint32_t pack_bf16(float low, float high) {
  uint32_t packed;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(packed) : "f"(high), "f"(low));
  return packed;
}

__device__ inline void mma_tf32(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ inline void mma_bf16(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "
      "{%0,%1,%2,%3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

/// Loads four 8 x 8 matrices of bf16 from shared memory, transposed: matrices[m] gets the numbers in rows 2t
/// and 2t+1, column g, of matrix m. Lane i says where row i % 8 of matrix i / 8 stands, aligned to 16 bytes.
__device__ inline void load_transposed(uint32_t (&matrices)[4], const uint32_t* row) {
  const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(matrices[0]), "=r"(matrices[1]), "=r"(matrices[2]), "=r"(matrices[3])
               : "r"(address)
               : "memory");
}

}  // namespace cce::cuda

#endif
