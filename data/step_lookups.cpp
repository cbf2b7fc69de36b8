#include "data/step_lookups.h"

#include "data/pretraining_lookups.h"
#include "engine/context.h"
#include "engine/cuda/built.h"

namespace cce {
namespace {

/// What one thread does at once.
constexpr int64_t kGrain = 256;

}  // namespace

template <class F>
void look_up(const Executor& on, int64_t size, const F& f) {
  if constexpr (kCudaBuilt) {
    if (on.device == Device::cuda) return cuda::look_up(size, f);
  }
  on.parallel.ranges(size, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(i);
  });
}

#define CCE_INSTANTIATE(F) template void look_up(const Executor&, int64_t, const F&);
CCE_STEP_LOOKUPS(CCE_INSTANTIATE)
CCE_PRETRAINING_LOOKUPS(CCE_INSTANTIATE)

}  // namespace cce
