#include "engine/peak.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "engine/ops/simd.h"

namespace cce {
namespace {

using Vec = simd::vec<float>;

constexpr int kChains = 12;  // enough that two units with a latency of up to five cycles always have work
constexpr int64_t kRounds = 200'000;
constexpr int kRepeats = 40;

/// Runs the chains; what comes out depends on all of them, so that none can be left out.
template <size_t... Chain>
float run_chains(std::index_sequence<Chain...>) {
  Vec x[kChains];
  for (int i = 0; i < kChains; ++i) x[i] = simd::splat(1.0f + static_cast<float>(i));
  const Vec factor = simd::splat(0.9999f), summand = simd::splat(0.5f);
  for (int64_t round = 0; round < kRounds; ++round) {
    ((x[Chain] = simd::fma(x[Chain], factor, summand)), ...);
  }
  Vec total{};
  for (int i = 0; i < kChains; ++i) total += x[i];
  return simd::sum<float>(total);
}

}  // namespace

double multiply_add_peak(Parallel& parallel) {
  using Clock = std::chrono::steady_clock;
  const int threads = parallel.threads();
  std::vector<float> results(static_cast<size_t>(threads));
  double shortest = 0;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const auto start = Clock::now();
    parallel.blocks(threads, [&](int64_t block) {
      results[static_cast<size_t>(block)] = run_chains(std::make_index_sequence<kChains>{});
    });
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    shortest = repeat == 0 ? seconds : std::min(shortest, seconds);
  }
  return 2.0 * kChains * simd::kLanes<float> * static_cast<double>(kRounds * threads) / shortest;
}

}  // namespace cce
