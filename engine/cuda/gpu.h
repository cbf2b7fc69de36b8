// The GPU as the rest of the engine sees it: device.h's functions, for Device::cuda. Free of CUDA's headers,
// so that files for the CPU can include it. Declared in every build, defined only where CUDA is part of it.
#pragma once

#include <functional>

#include "engine/device.h"

namespace cce::cuda {

GpuReport find_gpu();
void set_precision(Precision precision);
Precision precision();
std::shared_ptr<void> allocate(int64_t bytes);
/// Waits for nothing, unless bytes are many (see pinned_ring.h); `from` may change at once.
void copy_to_gpu(void* to, const void* from, int64_t bytes);
/// Waits for everything that was started, and throws what went wrong with it.
void copy_to_cpu(void* to, const void* from, int64_t bytes);
void copy_within_gpu(void* to, const void* from, int64_t bytes);
void zero(void* memory, int64_t bytes);
void fill(float* numbers, int64_t count, float value);
int64_t peak_bytes();

/// Whether CCE_CUDA_GRAPHS asks for steps to be captured.
bool graphs_wanted();
/// What `work` starts on the GPU, to be started any number of times, with the same arguments. It may neither
/// wait for the GPU nor copy to or from it. The memory that it asks for comes from a pool that nothing but
/// captured work uses, so it is there each time; what of it is still held afterwards stays its holder's.
std::shared_ptr<void> capture(const std::function<void()>& work);
void start_captured(const std::shared_ptr<void>& captured);

}  // namespace cce::cuda
