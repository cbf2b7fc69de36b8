// What both devices are told of a GRU layer, and what they keep of it for its backward. Private to the files
// of the operation.
#pragma once

#include <cstdint>

namespace cce {

struct GruSizes {
  int64_t rows, sequences, hidden;  ///< T, B, H
  bool reset_before;                ///< the reset gate is applied to h before U_n, not to U_n h
};

/// Of every position, each [T, H]: the gates r, z, n, and u = U_n h (reset gate after it) or r * h (before).
/// Null: not kept.
template <class T>
struct GruSaved {
  T *r, *z, *n, *u;
};

/// The four parts of memory for [4, T, H]; null for none.
template <class T>
GruSaved<T> gru_saved(const GruSizes& sizes, T* memory) {
  if (memory == nullptr) return {};
  const int64_t part = sizes.rows * sizes.hidden;
  return {memory, memory + part, memory + 2 * part, memory + 3 * part};
}

}  // namespace cce
