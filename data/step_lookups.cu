// What a step reads, looked up on the GPU: one thread for each index.
#include "data/step_lookups.h"

#include "data/pretraining_lookups.h"
#include "engine/cuda/for_each.h"

namespace cce::cuda {

template <class F>
void look_up(int64_t size, const F& f) {
  for_each(F::kName, size, f);
}

#define CCE_INSTANTIATE(F) template void look_up(int64_t, const F&);
CCE_STEP_LOOKUPS(CCE_INSTANTIATE)
CCE_PRETRAINING_LOOKUPS(CCE_INSTANTIATE)

}  // namespace cce::cuda
