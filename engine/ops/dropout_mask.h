// Which elements dropout keeps: a function of (seed, step, layer, element) that can be asked again in
// backward, so that no mask is stored.
//
// DropoutDraw says which; here its words are drawn 64 at a time, as vectors of Philox counters, which makes
// them cheap enough to be drawn twice.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "engine/ops/dropout_draw.h"

namespace cce::cpu {

class DropoutMask {
 public:
  static constexpr int64_t kBatch = 64;  // elements drawn at once

  explicit DropoutMask(const DropoutDraw& draw)
      : seed_(draw.stream.seed),
        subsequence_(draw.stream.subsequence),
        threshold_(draw.threshold),
        scale_(draw.scale) {}

  /// Calls f(first, count, factors) for runs of at most kBatch elements that together make up [begin, end).
  /// factors[i] is what element first + i is multiplied with: 0, or 1 / (1 - p), which keeps the expectation.
  template <class T, class F>
  void for_each_run(int64_t begin, int64_t end, F&& f) const {
    const T kept = static_cast<T>(scale_);
    uint32_t words[kBatch];
    T factors[kBatch];
    for (int64_t i = begin; i < end;) {
      const int64_t skipped = i % 4;  // words of the first block that belong to elements before i
      draw(static_cast<uint64_t>(i / 4), words);
      for (int64_t j = 0; j < kBatch; ++j) factors[j] = words[j] >= threshold_ ? kept : T{0};
      const int64_t count = std::min(end - i, kBatch - skipped);
      f(i, count, factors + skipped);
      i += count;
    }
  }

 private:
#if defined(__AVX2__)
  /// philox() for the 16 blocks from `block` on, four counters to a vector. Each half of a counter stands in
  /// the low half of a 64-bit lane: what a multiplication reads; the high halves hold leftovers until the
  /// end.
  void draw(uint64_t block, uint32_t (&words)[kBatch]) const {
    for (uint64_t four = 0; four < 4; ++four) draw_four(block + 4 * four, words + 16 * four);
  }

  void draw_four(uint64_t block, uint32_t* words) const {
    const auto splat = [](uint64_t x) { return _mm256_set1_epi64x(static_cast<int64_t>(x)); };
    const __m256i counter = _mm256_add_epi64(splat(block), _mm256_setr_epi64x(0, 1, 2, 3));
    const __m256i multiplier0 = splat(0xD2511F53u), multiplier1 = splat(0xCD9E8D57u);
    __m256i c0 = counter, c1 = _mm256_srli_epi64(counter, 32);
    __m256i c2 = splat(subsequence_), c3 = splat(subsequence_ >> 32);
    uint32_t k0 = static_cast<uint32_t>(seed_), k1 = static_cast<uint32_t>(seed_ >> 32);
    for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
      const __m256i product0 = _mm256_mul_epu32(c0, multiplier0),
                    product1 = _mm256_mul_epu32(c2, multiplier1);
      c0 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(product1, 32), c1), splat(k0));
      c2 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(product0, 32), c3), splat(k1));
      c1 = product1, c3 = product0;
    }
    // Words 0, 1 and words 2, 3 of each block side by side, then block after block.
    const __m256i words01 = _mm256_blend_epi32(c0, _mm256_slli_epi64(c1, 32), 0b10101010);
    const __m256i words23 = _mm256_blend_epi32(c2, _mm256_slli_epi64(c3, 32), 0b10101010);
    const __m256i blocks02 = _mm256_unpacklo_epi64(words01, words23);
    const __m256i blocks13 = _mm256_unpackhi_epi64(words01, words23);
    auto* const out = reinterpret_cast<__m256i*>(words);
    _mm256_storeu_si256(out, _mm256_permute2x128_si256(blocks02, blocks13, 0x20));
    _mm256_storeu_si256(out + 1, _mm256_permute2x128_si256(blocks02, blocks13, 0x31));
  }
#else
  void draw(uint64_t block, uint32_t (&words)[kBatch]) const {
    for (uint64_t i = 0; i < kBatch / 4; ++i) {
      std::ranges::copy(philox(seed_, subsequence_, block + i), words + 4 * i);
    }
  }
#endif

  uint64_t seed_, subsequence_;
  uint32_t threshold_;
  double scale_;
};

}  // namespace cce::cpu
