// Which elements dropout keeps: a function of (seed, step, layer, element) that can be asked again in
// backward.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "engine/random.h"

namespace cce::cpu {

class DropoutMask {
 public:
  DropoutMask(uint64_t seed, uint32_t step, uint32_t layer, double p)
      : seed_(seed),
        subsequence_(subsequence(Purpose::dropout, step, layer)),
        threshold_(static_cast<uint32_t>(std::ldexp(p, 32))),
        scale_(1 / (1 - p)) {}

  /// 1 / (1 - p), which keeps the expectation.
  double scale() const { return scale_; }

  /// Calls f(element, keep) for the elements in [begin, end). Element e is kept when word e of the stream, in
  /// cuRAND's order, is at least p * 2^32.
  template <class F>
  void for_each(int64_t begin, int64_t end, F&& f) const {
    uint32_t words[kBatch][4];
    for (int64_t i = begin; i < end;) {
      draw(static_cast<uint64_t>(i / 4), words);
      const int64_t first = i / 4 * 4, last = std::min(end, first + 4 * kBatch);
      for (; i < last; ++i) f(i, words[(i - first) / 4][(i - first) % 4] >= threshold_);
    }
  }

 private:
  static constexpr int kBatch = 16;

  /// philox() for kBatch neighbouring blocks at once, laid out so that the compiler works on a vector of
  /// blocks.
  void draw(uint64_t block, uint32_t (&words)[kBatch][4]) const {
    uint32_t c0[kBatch], c1[kBatch], c2[kBatch], c3[kBatch];
    for (int i = 0; i < kBatch; ++i) {
      const uint64_t counter = block + static_cast<uint64_t>(i);
      c0[i] = static_cast<uint32_t>(counter), c1[i] = static_cast<uint32_t>(counter >> 32);
      c2[i] = static_cast<uint32_t>(subsequence_), c3[i] = static_cast<uint32_t>(subsequence_ >> 32);
    }
    uint32_t k0 = static_cast<uint32_t>(seed_), k1 = static_cast<uint32_t>(seed_ >> 32);
    for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
      for (int i = 0; i < kBatch; ++i) {
        const uint64_t product0 = uint64_t{0xD2511F53u} * c0[i], product1 = uint64_t{0xCD9E8D57u} * c2[i];
        c0[i] = static_cast<uint32_t>(product1 >> 32) ^ c1[i] ^ k0;
        c2[i] = static_cast<uint32_t>(product0 >> 32) ^ c3[i] ^ k1;
        c1[i] = static_cast<uint32_t>(product1), c3[i] = static_cast<uint32_t>(product0);
      }
    }
    for (int i = 0; i < kBatch; ++i)
      words[i][0] = c0[i], words[i][1] = c1[i], words[i][2] = c2[i], words[i][3] = c3[i];
  }

  uint64_t seed_, subsequence_;
  uint32_t threshold_;
  double scale_;
};

}  // namespace cce::cpu
