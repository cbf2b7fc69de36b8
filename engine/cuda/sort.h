// Puts numbered things in the order of their keys, stably: what belongs to one key stands together, and in
// the order it had. With it, "add row t to table row ids[t]" needs no atomics: whoever owns a table row adds
// what belongs to it, one after the other, and the sum has the same bits every time.
#pragma once

#include <cstdint>

namespace cce::cuda {

/// Writes a permutation of 0 .. count-1 to order[count], such that keys[order[i]] never falls, and equal keys
/// keep their order. Keys are 0 .. bound-1. count < 2^31. All memory is the GPU's.
void stable_order(int64_t count, const int32_t* keys, int64_t bound, int32_t* order);

}  // namespace cce::cuda
