#include "engine/kernels/kernels.h"

#include <cstdlib>
#include <string_view>

#include "engine/error.h"

namespace cce::cpu {
namespace {

bool wanted() {
  const char* const set = std::getenv("CCE_INSTRUCTIONS");
  if (set == nullptr || *set == '\0' || std::string_view(set) == "avx512") return true;
  if (std::string_view(set) != "baseline")
    fail_usage("CCE_INSTRUCTIONS is '{}'; known are baseline and avx512", set);
  return false;
}

bool has_avx512() {
#if defined(CCE_HAVE_AVX512)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
#else
  return false;
#endif
}

}  // namespace

bool use_avx512() {
  static const bool use = wanted() && has_avx512();
  return use;
}

}  // namespace cce::cpu
