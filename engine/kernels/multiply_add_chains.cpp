// What engine/peak.h measures: the most multiply-adds a core can do.
#include <utility>

// last, see simd.h
#include "engine/kernels/gemm_tiles.h"

namespace cce::cpu {
inline namespace CCE_ISA {
namespace {

constexpr int kChains = 12;  // enough that two units with a latency of up to five cycles always have work

template <class T, size_t... Chain>
T run_chains(int64_t rounds, std::index_sequence<Chain...>) {
  simd::vec<T> x[kChains];
  for (int i = 0; i < kChains; ++i) x[i] = simd::splat(T{1} + static_cast<T>(i));
  const simd::vec<T> factor = simd::splat(T(0.9999)), summand = simd::splat(T(0.5));
  for (int64_t round = 0; round < rounds; ++round) {
    ((x[Chain] = simd::fma(x[Chain], factor, summand)), ...);
  }
  simd::vec<T> total{};
  for (int i = 0; i < kChains; ++i) total += x[i];
  return simd::sum<T>(total);
}

}  // namespace
}  // namespace CCE_ISA

template <class Isa, class T>
int64_t Kernels<Isa, T>::multiply_add_chains(int64_t rounds, T* result) {
  *result = run_chains<T>(rounds, std::make_index_sequence<kChains>{});
  return rounds * kChains * simd::kLanes<T>;
}

template int64_t Kernels<CurrentIsa, float>::multiply_add_chains(int64_t, float*);
template int64_t Kernels<CurrentIsa, double>::multiply_add_chains(int64_t, double*);

}  // namespace cce::cpu
