// Vectors of the widest kind that the instruction set has, and the functions the kernels need on them.
//
// Built on the compiler's vector extension, so that one kernel serves float and double, AVX2 and AVX-512:
// `vec<T>` is 32 or 64 bytes of T with the usual operators. Private to kernel files.
//
// A file in engine/kernels is compiled twice, the second time with CCE_AVX512. From here on that means
// AVX-512 code, in a namespace of its own: so a file includes this header, or one that includes it, after all
// others. The pragma spares what they define, such as std::vector, of which the linker keeps one copy for all
// files: that copy must run on every processor. (Hence a pragma, and no compiler flag for the file.)
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#if defined(__AVX__)
#include <immintrin.h>
#endif

#if defined(CCE_AVX512)
#pragma GCC target("arch=x86-64-v4")
#define CCE_ISA avx512
#else
#define CCE_ISA baseline
#endif

namespace cce::simd {
inline namespace CCE_ISA {

#if defined(CCE_AVX512)
inline constexpr int kBytes = 64;
#else
inline constexpr int kBytes = 32;
#endif

template <class T>
struct VecOf {
  typedef T type __attribute__((vector_size(kBytes)));
};
template <class T>
using vec = typename VecOf<T>::type;
template <class T>
inline constexpr int kLanes = kBytes / static_cast<int>(sizeof(T));

template <class T>
inline vec<T> load(const T* p) {
  vec<T> v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

template <class T>
inline void store(T* p, const vec<T>& v) {
  std::memcpy(p, &v, sizeof v);
}

/// The first `count` < kLanes numbers at p, the other lanes 0; nothing beyond them is touched.
template <class T>
inline vec<T> load_first(const T* p, int64_t count) {
#if defined(CCE_AVX512)
  const auto mask = static_cast<unsigned>((1 << count) - 1);
  if constexpr (sizeof(T) == 4) return _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), p);
  if constexpr (sizeof(T) == 8) return _mm512_maskz_loadu_pd(static_cast<__mmask8>(mask), p);
#else
  T lanes[kLanes<T>] = {};
  for (int64_t lane = 0; lane < count; ++lane) lanes[lane] = p[lane];
  return load(lanes);
#endif
}

/// Stores the first `count` < kLanes lanes.
template <class T>
inline void store_first(T* p, const vec<T>& v, int64_t count) {
#if defined(CCE_AVX512)
  const auto mask = static_cast<unsigned>((1 << count) - 1);
  if constexpr (sizeof(T) == 4) _mm512_mask_storeu_ps(p, static_cast<__mmask16>(mask), v);
  if constexpr (sizeof(T) == 8) _mm512_mask_storeu_pd(p, static_cast<__mmask8>(mask), v);
#else
  for (int64_t lane = 0; lane < count; ++lane) p[lane] = v[lane];
#endif
}

template <class T>
inline vec<T> splat(T x) {
  return x - vec<T>{};  // "-" and not "+": x - 0 is x for every x, so it costs no instruction
}

/// a * b + c, rounded once. Written out where bits matter: whether a compiler fuses `a * b + c` by itself
/// depends on its flags and on what surrounds it.
inline vec<float> fma(vec<float> a, vec<float> b, vec<float> c) {
#if defined(CCE_AVX512)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#else
  vec<float> y;
  for (int lane = 0; lane < kLanes<float>; ++lane) y[lane] = std::fma(a[lane], b[lane], c[lane]);
  return y;
#endif
}

inline vec<double> fma(vec<double> a, vec<double> b, vec<double> c) {
#if defined(CCE_AVX512)
  return _mm512_fmadd_pd(a, b, c);
#elif defined(__FMA__)
  return _mm256_fmadd_pd(a, b, c);
#else
  vec<double> y;
  for (int lane = 0; lane < kLanes<double>; ++lane) y[lane] = std::fma(a[lane], b[lane], c[lane]);
  return y;
#endif
}

/// x, or the bound it lies beyond; NaN stays NaN. Written out, as compilers make two instructions of each
/// comparison that could be one.
inline vec<float> clamp(vec<float> x, vec<float> low, vec<float> high) {
#if defined(CCE_AVX512)
  const __mmask16 all = 0xFFFF;  // g++ 12 warns of its own unmasked forms
  return _mm512_maskz_min_ps(all, high, _mm512_maskz_max_ps(all, low, x));
#elif defined(__AVX__)
  return _mm256_min_ps(high, _mm256_max_ps(low, x));
#else
  x = x < low ? low : x;
  return x > high ? high : x;
#endif
}

/// The first `count` lanes; 0 in the others.
template <class T>
inline vec<T> first_lanes(vec<T> v, int64_t count) {
  for (int64_t lane = count > 0 ? count : 0; lane < kLanes<T>; ++lane) v[lane] = 0;
  return v;
}

template <class T>
inline T sum(const vec<T>& v) {
  T total = 0;
  for (int lane = 0; lane < kLanes<T>; ++lane) total += v[lane];
  return total;
}

/// The inner product of x[n] and y[n].
template <class T>
inline T dot(int64_t n, const T* x, const T* y) {
  vec<T> total{};
  int64_t k = 0;
  for (; k + kLanes<T> <= n; k += kLanes<T>) total = fma(load(x + k), load(y + k), total);
  T rest = sum<T>(total);
  for (; k < n; ++k) rest += x[k] * y[k];
  return rest;
}

/// y[n] += x[n].
template <class T>
inline void add(int64_t n, const T* x, T* y) {
  int64_t k = 0;
  for (; k + kLanes<T> <= n; k += kLanes<T>) store(y + k, load(y + k) + load(x + k));
  for (; k < n; ++k) y[k] += x[k];
}

/// 2^x and e^x for double: the library's, lane by lane (the double path is there to check, not to be fast).
inline vec<double> exp2(vec<double> x) {
  vec<double> y;
  for (int lane = 0; lane < kLanes<double>; ++lane) y[lane] = std::exp2(x[lane]);
  return y;
}

inline vec<double> exp(vec<double> x) {
  vec<double> y;
  for (int lane = 0; lane < kLanes<double>; ++lane) y[lane] = std::exp(x[lane]);
  return y;
}

/// e^x for float within 2 units in the last place on [-87, 88]; below, it is 0, above, e^88. e^x = 2^n e^r
/// with n = round(x / ln 2), |r| <= ln(2) / 2, and a degree-6 polynomial for e^r (Cephes' coefficients).
inline vec<float> exp(vec<float> x_in) {
  using ivec = VecOf<int32_t>::type;
  const vec<float> low = splat(-87.3f), high = splat(88.0f);
  const vec<float> x = clamp(x_in, low, high);
  const vec<float> magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to the nearest integer
  const vec<float> shifted = x * 1.44269504088896341f + magic;
  const vec<float> n = shifted - magic;
  const vec<float> r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  vec<float> p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  // 2^n: the integer n sits in the low bits of `shifted`; move it into the exponent.
  const ivec bits = ((ivec)shifted << 23) + 0x3F800000;
  const ivec y = (ivec)(p * (vec<float>)bits);
  return (vec<float>)(y & ~(x_in < low));
}

/// 2^x for float within 2 units in the last place on [-126, 128); below, it is 0, above, 2^127 or infinity.
/// 2^x = 2^n 2^f with n = round(x), |f| <= 1/2, and a polynomial of degree 5 for 2^f whose relative error is
/// at most 9.2e-8. Takes half the instructions of exp(): no product by log2(e), no f in two parts, and with
/// AVX-512 n is rounded and applied by instructions made for it.
inline vec<float> exp2(vec<float> x) {
#if defined(CCE_AVX512)
  const __mmask16 all = 0xFFFF, normal = _mm512_cmp_ps_mask(x, _mm512_set1_ps(-126), _CMP_NLT_UQ);
  const vec<float> n = _mm512_maskz_roundscale_ps(all, x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  const vec<float> x_in = x, low = splat(-126.0f);
  x = clamp(x, low, splat(127.0f));
  const vec<float> magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to the nearest integer
  const vec<float> shifted = x + magic;
  const vec<float> n = shifted - magic;
#endif
  const vec<float> f = x - n;
  vec<float> p = splat(1.3264727e-3f);
  p = fma(p, f, splat(9.671513e-3f));
  p = fma(p, f, splat(5.5507336e-2f));
  p = fma(p, f, splat(2.4022242e-1f));
  p = fma(p, f, splat(6.9314700e-1f));
  p = fma(p, f, splat(1.0f));
#if defined(CCE_AVX512)
  return _mm512_maskz_scalef_ps(normal, p, n);
#else
  // 2^n: the integer n sits in the low bits of `shifted`; move it into the exponent.
  using ivec = VecOf<int32_t>::type;
  const ivec bits = ((ivec)shifted << 23) + 0x3F800000;
  return (vec<float>)((ivec)(p * (vec<float>)bits) & ~(x_in < low));
#endif
}

}  // namespace CCE_ISA
}  // namespace cce::simd
