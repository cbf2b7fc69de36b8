// What the engine uses of CUDA's language and runtime, for the emulation (see emulator.h).
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>
#include <vector>

#include "tests/emulator/emulator.h"

// ---- The language.
#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __shared__ static
#define __launch_bounds__(...)
#define threadIdx (::cce::emulator::thread_index())
#define blockIdx (::cce::emulator::block_index())
#define blockDim (::cce::emulator::block_size())
#define gridDim (::cce::emulator::grid_size())

inline void __syncthreads() {
  cce::emulator::wait_for_block();
}
inline void __syncwarp() {
  cce::emulator::exchange(0, 0);
}

namespace cce::emulator {
template <class T>
T exchanged(T value, int from) {
  static_assert(sizeof(T) <= 8);
  uint64_t word = 0;
  std::memcpy(&word, &value, sizeof(T));
  word = exchange(word, from);
  std::memcpy(&value, &word, sizeof(T));
  return value;
}
}  // namespace cce::emulator

template <class T>
T __shfl_sync(unsigned, T value, int from) {
  return cce::emulator::exchanged(value, from % 32);
}
template <class T>
T __shfl_xor_sync(unsigned, T value, int mask) {
  return cce::emulator::exchanged(value, cce::emulator::lane() ^ mask);
}
template <class T>
T __shfl_down_sync(unsigned, T value, int delta) {
  return cce::emulator::exchanged(value, cce::emulator::lane() + delta);
}
template <class T>
T __shfl_up_sync(unsigned, T value, int delta) {
  return cce::emulator::exchanged(value, cce::emulator::lane() - delta);
}
inline int __any_sync(unsigned, int holds) {
  int any = 0;
  for (const cce::emulator::Shown* shown : cce::emulator::show({holds != 0 ? 1ULL : 0ULL}))
    any |= (*shown)[0] != 0;
  return any;
}
inline void atomicAdd(int32_t* number, int32_t more) {
  *number += more;
}
inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>(static_cast<uint64_t>(a) * b >> 32);
}
inline unsigned __float_as_uint(float x) {
  return std::bit_cast<unsigned>(x);
}
inline float __uint_as_float(unsigned x) {
  return std::bit_cast<float>(x);
}
inline float __expf(float x) {
  return std::exp(x);
}
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};
struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) {
  return {x, y, z, w};
}
inline float2 make_float2(float x, float y) {
  return {x, y};
}
inline float4 make_float4(float x, float y, float z, float w) {
  return {x, y, z, w};
}
inline uint2 make_uint2(unsigned x, unsigned y) {
  return {x, y};
}

// ---- The runtime. Everything is done at once, but copies out of the program's memory, which are late (see
// emulator.h).
using cudaStream_t = struct EmulatedStream*;
enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorDevicesUnavailable = 46,
  cudaErrorIllegalAddress = 700,
  cudaErrorLaunchOutOfResources = 701,
};
/// What is wrong, or nothing.
inline cudaError_t emulated(int error) {
  return static_cast<cudaError_t>(error);
}
/// What a kernel did wrong that has run.
inline cudaError_t emulated_failure() {
  return emulated(cce::emulator::faults().failed);
}
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost, cudaMemcpyDeviceToDevice };
struct cudaDeviceProp {
  char name[256] = "emulated GPU";
  int major = 9, minor = 0, multiProcessorCount = 4;
  size_t totalGlobalMem = size_t{1} << 40;
};
constexpr unsigned cudaStreamNonBlocking = 1;

inline const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorIllegalAddress:
      return "an illegal memory access was encountered";
    default:
      return "emulated error";
  }
}
inline cudaError_t cudaGetLastError() {
  if (cce::emulator::faults().refused_launch > 0) return cudaSuccess;
  return emulated(std::exchange(cce::emulator::faults().launch, 0));
}
inline cudaError_t cudaDriverGetVersion(int* version) {
  return *version = cce::emulator::faults().driver, cudaSuccess;
}
inline cudaError_t cudaRuntimeGetVersion(int* version) {
  return *version = 13000, cudaSuccess;
}
inline cudaError_t cudaGetDeviceCount(int* count) {
  return *count = cce::emulator::faults().devices, emulated(cce::emulator::faults().count);
}
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  const cce::emulator::Faults& faults = cce::emulator::faults();
  *properties = {};
  properties->major = faults.major, properties->minor = faults.minor;
  return emulated(faults.describe);
}
inline cudaError_t cudaMemGetInfo(size_t* free_bytes, size_t* all_bytes) {
  *free_bytes = static_cast<size_t>(cce::emulator::free_memory());
  *all_bytes = size_t{1} << 40;
  return emulated(cce::emulator::faults().ask_for_memory);
}
inline cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  return *stream = nullptr, cudaSuccess;
}
inline cudaError_t cudaStreamSynchronize(cudaStream_t) {
  cce::emulator::refuse_capture("waiting");
  return cce::emulator::finish_late_copies(), emulated_failure();
}
using cudaEvent_t = struct EmulatedEvent*;
constexpr unsigned cudaEventDisableTiming = 2, cudaHostAllocDefault = 0;
inline cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  return *event = nullptr, cudaSuccess;
}
inline cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) {
  return cudaSuccess;
}
inline cudaError_t cudaEventSynchronize(cudaEvent_t) {
  cce::emulator::refuse_capture("waiting");
  return cce::emulator::finish_late_copies(), emulated_failure();
}
inline cudaError_t cudaHostAlloc(void** memory, size_t bytes, unsigned) {
  *memory = cce::emulator::allocate_pinned(static_cast<int64_t>(bytes));
  return emulated(cce::emulator::faults().pinned);
}
inline cudaError_t cudaMalloc(void** memory, size_t bytes) {
  if (emulated_failure() != cudaSuccess) return emulated_failure();
  *memory = cce::emulator::allocate(static_cast<int64_t>(bytes));
  return *memory == nullptr ? cudaErrorMemoryAllocation : cudaSuccess;
}
inline cudaError_t cudaFree(void* memory) {
  cce::emulator::refuse_capture("giving memory back");
  cce::emulator::finish_late_copies();
  return cce::emulator::release(memory), cudaSuccess;
}
inline cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                                   cudaStream_t) {
  if (kind == cudaMemcpyDeviceToHost) cce::emulator::refuse_capture("a copy to the program's memory");
  cce::emulator::copy(to, from, static_cast<int64_t>(bytes), kind == cudaMemcpyHostToDevice);
  return emulated_failure();
}
inline cudaError_t cudaMemsetAsync(void* memory, int value, size_t bytes, cudaStream_t) {
  cce::emulator::start([=] {
    cce::emulator::finish_late_copies();
    const cce::emulator::MemoryAccess access;
    std::memset(memory, value, bytes);
  });
  return cudaSuccess;
}

// ---- Graphs: a list of work.
struct EmulatedGraph {
  std::vector<std::function<void()>> work;
};
using cudaGraph_t = EmulatedGraph*;
using cudaGraphExec_t = EmulatedGraph*;
enum cudaStreamCaptureMode { cudaStreamCaptureModeRelaxed = 2 };

inline cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode) {
  return cce::emulator::begin_capture(), cudaSuccess;
}
inline cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  return *graph = new EmulatedGraph{cce::emulator::end_capture()}, cudaSuccess;
}
inline cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return delete graph, cudaSuccess;
}
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t* made, cudaGraph_t graph, unsigned long long) {
  return *made = new EmulatedGraph(*graph), cudaSuccess;
}
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t graph) {
  return delete graph, cudaSuccess;
}
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t graph, cudaStream_t) {
  return cce::emulator::run_captured(graph->work), cudaSuccess;
}
