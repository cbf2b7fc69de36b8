// Where numbers live and are computed with: the CPU, or one NVIDIA GPU.
//
// The program has one GPU, the first that CUDA_VISIBLE_DEVICES leaves, and one queue (stream) of work on it:
// what is started later sees what was started before, and memory that is given back can be handed out again
// at once. Whether it can be used is found out when it is first asked about, so that a CPU run never waits
// for a driver.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace cce {

enum class Device : uint8_t { cpu, cuda };
/// "cpu" or "cuda".
const char* name(Device device);

/// What was found when looking for a GPU.
struct GpuReport {
  std::string problem;       ///< why none can be used, for the end of a sentence; empty: it can
  std::string name;          ///< "NVIDIA H200"; empty where none was found
  int major = 0, minor = 0;  ///< compute capability
  int multiprocessors = 0;
  int64_t memory_bytes = 0, free_bytes = 0;
  std::string driver, runtime;  ///< the newest CUDA version the driver knows, and that of this program

  bool usable() const { return problem.empty(); }
};

/// Whether this program was built to use GPUs at all.
bool cuda_built();
/// Looks for a GPU, once.
const GpuReport& gpu();

/// How products on the GPU round their factors; sums are always float32.
enum class Precision : uint8_t {
  fp32,  ///< not at all
  tf32,  ///< to 10 bits behind the point, on tensor cores
  bf16,  ///< to 7 bits
};
/// Holds for all products that are started on the GPU from now on. float32 at first.
void set_gpu_precision(Precision precision);

/// Uninitialised memory, at least one byte. Where there is none left, throws: HostMemoryRefused on the CPU,
/// on a GPU an Error (ExitCode::out_of_memory).
std::shared_ptr<void> allocate(Device device, int64_t bytes);
/// Copies between devices or within one. Where the CPU is the target, waits until the numbers are there.
void copy_bytes(Device to_device, void* to, Device from_device, const void* from, int64_t bytes);
void zero_bytes(Device device, void* memory, int64_t bytes);
void fill_on_gpu(float* numbers, int64_t count, float value);
/// The most GPU memory that tensors held at once, in bytes; 0 without a GPU.
int64_t peak_device_bytes();

}  // namespace cce
