#include "engine/peak.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <vector>

#include "engine/kernels/kernels.h"

namespace cce {
namespace {

constexpr int64_t kRounds = 200'000;
constexpr int kRepeats = 40;

}  // namespace

double multiply_add_peak(Parallel& parallel) {
  using Clock = std::chrono::steady_clock;
  const int threads = parallel.threads();
  std::vector<float> results(static_cast<size_t>(threads));
  std::vector<int64_t> counts(results.size());
  double shortest = 0;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const auto start = Clock::now();
    parallel.blocks(threads, [&](int64_t block) {
      const auto at = static_cast<size_t>(block);
      counts[at] = cpu::with_kernels(
          [&]<class Isa>() { return cpu::Kernels<Isa, float>::multiply_add_chains(kRounds, &results[at]); });
    });
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    shortest = repeat == 0 ? seconds : std::min(shortest, seconds);
  }
  return 2 * std::reduce(counts.begin(), counts.end(), 0.0) / shortest;
}

}  // namespace cce
