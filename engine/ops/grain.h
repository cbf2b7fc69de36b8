// How much of an operation without sums over its blocks is a block of work.
#pragma once

#include <algorithm>
#include <cstdint>

namespace cce::cpu {

/// Numbers in a block: some microseconds of work, beside which it costs nothing to hand the block out, and
/// yet the 90,000 numbers of one layer at a batch of Toys (1,400 positions, 64 wide) are eleven blocks for
/// the threads to share. Every number, or every row, is computed by itself, so no result depends on this.
inline constexpr int64_t kGrain = 1 << 13;

/// Rows in a block of such an operation on rows, of `cols` numbers each.
inline int64_t row_grain(int64_t cols) {
  return std::max<int64_t>(1, kGrain / std::max<int64_t>(1, cols));
}

}  // namespace cce::cpu
