// Tensor cores in the emulation (see engine/cuda/mma.h, which declares the same for a GPU): which lane holds
// which number of a fragment is what the PTX manual says of mma.m16n8k8.tf32, mma.m16n8k16.bf16 and
// ldmatrix.
#pragma once

#include <cstdint>

namespace cce::emulator {

/// x to the nearest number with 10 (tf32) bits behind the point, as float32's bits; ties away from zero.
uint32_t round_to_tf32(float x);
/// Two numbers to the nearest with 7 (bf16) bits behind the point, ties to even; `low` in the lower half.
uint32_t pack_bf16(float low, float high);
/// c[16, 8] += a[16, 8] b[8, 8], and with a[16, 16] b[16, 8].
void mma_tf32(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);
void mma_bf16(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);
/// Four 8 x 8 matrices of 16-bit numbers, transposed; lane i says where row i % 8 of matrix i / 8 stands.
void load_transposed(uint32_t (&matrices)[4], const uint32_t* row);

}  // namespace cce::emulator
