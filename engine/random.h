// Random numbers without state: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2,
// 3").
//
// A draw is a pure function of (seed, what it is for, step, index), so the result depends neither on the
// number of threads nor on being interrupted and resumed, and a GPU can draw the same numbers. The counter
// layout is cuRAND's: curand_init(seed, subsequence, offset) followed by curand4() returns philox(seed,
// subsequence, offset / 4).
#pragma once

#include <array>
#include <cstdint>

#include "engine/host_device.h"

namespace cce {

/// Four independent 32-bit words: block number `block` of the stream `subsequence` of `seed`.
CCE_HOST_DEVICE constexpr std::array<uint32_t, 4> philox(uint64_t seed, uint64_t subsequence,
                                                         uint64_t block) {
  uint32_t c0 = static_cast<uint32_t>(block), c1 = static_cast<uint32_t>(block >> 32);
  uint32_t c2 = static_cast<uint32_t>(subsequence), c3 = static_cast<uint32_t>(subsequence >> 32);
  uint32_t k0 = static_cast<uint32_t>(seed), k1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = uint64_t{0xD2511F53u} * c0, product1 = uint64_t{0xCD9E8D57u} * c2;
    const uint32_t next0 = static_cast<uint32_t>(product1 >> 32) ^ c1 ^ k0;
    const uint32_t next2 = static_cast<uint32_t>(product0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(product1), c3 = static_cast<uint32_t>(product0);
    c0 = next0, c2 = next2;
    k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
  }
  return {c0, c1, c2, c3};
}

/// What a number is drawn for. Different purposes never share a stream.
enum class Purpose : uint32_t {
  weights = 1,
  shuffle,
  dropout,
  negatives,
  masking,
  segments,
  demo,
  test,
  bench,
  bootstrap,
  absent_items
};

/// The subsequence of a purpose: `step` is the training step or epoch, `index` (below 2^24) the layer or the
/// like.
CCE_HOST_DEVICE constexpr uint64_t subsequence(Purpose purpose, uint32_t step, uint32_t index = 0) {
  return uint64_t{step} << 32 | uint64_t{static_cast<uint32_t>(purpose)} << 24 | (index & 0xFFFFFFu);
}

/// Maps a 32-bit word to 0 .. bound-1 without division (the bias, bound / 2^32, is far below what can be
/// seen).
CCE_HOST_DEVICE constexpr uint32_t below(uint32_t bound, uint32_t word) {
  return static_cast<uint32_t>(uint64_t{word} * bound >> 32);
}

/// Maps a 32-bit word to (0, 1), as cuRAND does.
CCE_HOST_DEVICE constexpr double uniform(uint32_t word) {
  return word * 0x1p-32 + 0x1p-33;
}

/// Draws one number after the other from one stream, for code that runs on the host in a fixed order.
class RandomStream {
 public:
  RandomStream(uint64_t seed, Purpose purpose, uint32_t step = 0, uint32_t index = 0)
      : seed_(seed), subsequence_(subsequence(purpose, step, index)) {}

  uint32_t word() {
    if (used_ == 4) words_ = philox(seed_, subsequence_, block_++), used_ = 0;
    return words_[used_++];
  }
  /// 0 .. bound-1.
  uint32_t below(uint32_t bound) { return cce::below(bound, word()); }
  /// (0, 1).
  double uniform() { return cce::uniform(word()); }
  /// Standard normal (Box-Muller).
  double normal();

 private:
  uint64_t seed_, subsequence_, block_ = 0;
  std::array<uint32_t, 4> words_{};
  unsigned used_ = 4;
};

}  // namespace cce
