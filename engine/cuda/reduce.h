// Sums and maxima over the lanes of a warp or the threads of a block. The order of the additions depends on
// the numbers of lanes and threads alone, so the result has the same bits every time.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace cce::cuda {

constexpr unsigned kAllLanes = 0xFFFFFFFFu;

__device__ inline int lane_of_thread() {
  return static_cast<int>(threadIdx.x % 32);
}

/// Over the 32 lanes of a warp, all of which must call it; every lane gets the result.
template <class T>
__device__ T warp_sum(T value) {
  for (int distance = 16; distance > 0; distance /= 2) value += __shfl_xor_sync(kAllLanes, value, distance);
  return value;
}

template <class T>
__device__ T warp_max(T value) {
  for (int distance = 16; distance > 0; distance /= 2) {
    const T other = __shfl_xor_sync(kAllLanes, value, distance);
    value = value < other ? other : value;
  }
  return value;
}

/// Over four neighbouring lanes, which have the same rows of a tile (tile_math.h). All 32 call it.
template <class T>
__device__ T quad_sum(T value) {
  value += __shfl_xor_sync(kAllLanes, value, 1);
  return value + __shfl_xor_sync(kAllLanes, value, 2);
}

template <class T>
__device__ T quad_max(T value) {
  for (int distance = 1; distance <= 2; distance *= 2) {
    const T other = __shfl_xor_sync(kAllLanes, value, distance);
    value = value < other ? other : value;
  }
  return value;
}

/// Over the threads of a block (a multiple of 32), all of which must call it; every thread gets the result.
template <class T>
__device__ T block_sum(T value) {
  __shared__ T of_warps[32];
  const int warp = static_cast<int>(threadIdx.x / 32), warps = static_cast<int>(blockDim.x / 32);
  value = warp_sum(value);
  if (lane_of_thread() == 0) of_warps[warp] = value;
  __syncthreads();
  T total = of_warps[0];
  for (int w = 1; w < warps; ++w) total += of_warps[w];
  __syncthreads();  // of_warps may be written again
  return total;
}

template <class T>
__device__ T block_max(T value) {
  __shared__ T of_warps[32];
  const int warp = static_cast<int>(threadIdx.x / 32), warps = static_cast<int>(blockDim.x / 32);
  value = warp_max(value);
  if (lane_of_thread() == 0) of_warps[warp] = value;
  __syncthreads();
  T largest = of_warps[0];
  for (int w = 1; w < warps; ++w) largest = largest < of_warps[w] ? of_warps[w] : largest;
  __syncthreads();
  return largest;
}

}  // namespace cce::cuda
