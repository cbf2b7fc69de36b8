#include "tests/emulator/mma.h"

#include <bit>
#include <cmath>

#include "engine/error.h"
#include "tests/emulator/emulator.h"

namespace cce::emulator {
namespace {

using Lanes = std::array<const Shown*, 32>;

/// The fragments of a product: what each lane holds of a (four registers) and b (two).
Lanes show_fragments(const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  const auto pair = [](uint32_t low, uint32_t high) { return uint64_t{high} << 32 | low; };
  return show({pair(a[0], a[1]), pair(a[2], a[3]), pair(b0, b1)});
}

/// Register `number` of what a lane shows: 0 to 3 are a's, 4 and 5 b's.
uint32_t register_of(const Lanes& lanes, int lane, int number) {
  const uint64_t word = (*lanes[static_cast<size_t>(lane)])[static_cast<size_t>(number / 2)];
  return static_cast<uint32_t>(number % 2 == 0 ? word : word >> 32);
}

/// What a tensor core sees of a register that should hold a tf32 number.
float tf32_of(uint32_t bits) {
  return std::bit_cast<float>(bits & 0xFFFFE000u);
}

float bf16_of(uint32_t bits, int half) {
  return std::bit_cast<float>(half == 0 ? bits << 16 : bits & 0xFFFF0000u);
}

/// This lane's four numbers of c: rows g and g + 8, columns 2 t and 2 t + 1, where lane = 4 g + t.
template <class Product>
void add_to(float (&c)[4], int depth, const Product& product) {
  for (int i = 0; i < 4; ++i) {
    const int row = lane() / 4 + 8 * (i / 2), col = 2 * (lane() % 4) + i % 2;
    for (int k = 0; k < depth; ++k) c[i] += product(row, col, k);
  }
}

}  // namespace

uint32_t round_to_tf32(float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  return std::isfinite(x) ? bits + 0x1000u : bits;  // the last 13 bits may be anything
}

uint32_t pack_bf16(float low, float high) {
  const auto rounded = [](float x) {
    const auto bits = std::bit_cast<uint32_t>(x);
    if (std::isnan(x)) return 0x7FFFu;
    return (bits + 0x7FFFu + (bits >> 16 & 1)) >> 16;
  };
  return rounded(high) << 16 | rounded(low);
}

void mma_tf32(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  const Lanes lanes = show_fragments(a, b0, b1);
  add_to(c, 8, [&](int row, int col, int k) {
    return tf32_of(register_of(lanes, 4 * (row % 8) + k % 4, row / 8 + 2 * (k / 4))) *
           tf32_of(register_of(lanes, 4 * col + k % 4, 4 + k / 4));
  });
}

void mma_bf16(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  const Lanes lanes = show_fragments(a, b0, b1);
  add_to(c, 16, [&](int row, int col, int k) {
    const int pair = k % 8 / 2;
    return bf16_of(register_of(lanes, 4 * (row % 8) + pair, row / 8 + 2 * (k / 8)), k % 2) *
           bf16_of(register_of(lanes, 4 * col + pair, 4 + k / 8), k % 2);
  });
}

void load_transposed(uint32_t (&matrices)[4], const uint32_t* row) {
  require(reinterpret_cast<uintptr_t>(row) % 16 == 0, "[emulator] ldmatrix: a row is not aligned");
  const Lanes lanes = show({reinterpret_cast<uintptr_t>(row)});
  const int first = 2 * (lane() % 4), col = lane() / 4;
  for (int m = 0; m < 4; ++m) {
    const auto at = [&](int matrix_row) {
      const auto* const words =
          reinterpret_cast<const uint32_t*>((*lanes[static_cast<size_t>(8 * m + matrix_row)])[0]);
      return col % 2 == 0 ? words[col / 2] & 0xFFFFu : words[col / 2] >> 16;
    };
    matrices[m] = at(first + 1) << 16 | at(first);
  }
}

}  // namespace cce::emulator
