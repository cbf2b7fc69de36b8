// Whether the GPU code is part of this build. Private to files with a GPU half: others ask cuda_built().
#pragma once

namespace cce {

#if defined(CCE_HAVE_CUDA)
inline constexpr bool kCudaBuilt = true;
#else
inline constexpr bool kCudaBuilt = false;
#endif

}  // namespace cce
