// Runs CUDA kernels on the CPU, to check what they compute where there is no GPU.
//
// The .cu files are compiled by a C++ compiler once more, with cuda_runtime.h and cublas_v2.h from this
// folder instead of CUDA's. Blocks of a grid run one after another. The threads of a block are fibers: one
// runs until it has to wait for others (__syncthreads, a warp shuffle), then the next does. So everything is
// deterministic, and what would hang or race on a GPU can be told:
//   - a barrier that some threads of a block, or lanes of a warp, never come to throws;
//   - threads can run in reverse order, warp by warp: results that then differ show a missing barrier;
//   - GPU memory can be touched only while a kernel or copy runs, a block of it ends at a page that nobody
//   may
//     touch, memory that was given back stays forbidden, and fresh memory is full of NaN: mistakes crash.
// It cannot show how fast a kernel is, nor races within a warp, nor what a real compiler makes of it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace cce::emulator {

struct Index {
  unsigned x = 0, y = 0, z = 0;
};

struct Grid {
  int64_t x, y;
};

/// Runs `thread` once for every thread of every block.
void run(Grid blocks, int threads, int64_t shared_bytes, const std::function<void()>& thread);
/// Whether threads go in reverse order from now on, and each warp as far as it can before another does.
void start_in_reverse(bool reverse);
/// How many kernels have run.
int64_t kernels_run();

// ---- What a kernel sees.

const Index& thread_index();
const Index& block_index();
const Index& block_size();
const Index& grid_size();
void* dynamic_shared();
/// Waits for all threads of the block.
void wait_for_block();
/// Puts `word` where other lanes see it, waits for all lanes of the warp, and returns what lane `from` put.
uint64_t exchange(uint64_t word, int from);
/// Shows four words to the other lanes, waits for all lanes of the (whole) warp, and returns what each shows.
using Shown = std::array<uint64_t, 4>;
std::array<const Shown*, 32> show(const Shown& words);
/// A copy of four floats, or of zeros where `from` is null, that this thread sees only after finish_copies():
/// until then there are NaNs.
void start_copy(float* to, const float* from);
void finish_copies();
/// The lane of this thread within its warp, and the number of lanes the warp has.
int lane();
int lanes_in_warp();

// ---- What may be wrong with a GPU and what belongs to it.

/// Errors are numbers of cudaError_t and cublasStatus_t, 0 being success.
struct Faults {
  int driver = 13000;  ///< the newest CUDA version that the driver knows; 0: there is none
  int devices = 1;
  int count = 0, describe = 0, ask_for_memory = 0;  ///< what these questions are answered with
  int major = 9, minor = 0;                         ///< compute capability
  std::string blas;                                 ///< why there is no cuBLAS
  int launch = 0;                                   ///< a launch is refused with it
  int64_t refused_launch = 1;                       ///< which one from now on
  int kernel = 0;                                   ///< the next kernel fails with it
  int failed = 0;                                   ///< a kernel has: whatever waits for it says so
  int pinned = 0, product = 0;                      ///< pinned memory and products are refused with it
};
/// Nothing is wrong at first.
Faults& faults();

// ---- GPU memory.

void* allocate(int64_t bytes);  ///< null where `bytes` are too many, see limit_memory()
void release(void* memory);
/// How many bytes there are; 0: as many as asked for.
void limit_memory(int64_t bytes);
int64_t free_memory();

/// Memory of the program that the GPU can read.
void* allocate_pinned(int64_t bytes);
/// Copies out of the program's memory are `late`: they happen when the next kernel, or anything that has to
/// come after them, does. So what was overwritten too early shows.
void copy(void* to, const void* from, int64_t bytes, bool late);
void finish_late_copies();

/// Does it, or, between begin_capture() and end_capture(), notes it down: kernels with their arguments,
/// copies and fills with their addresses, whose contents are those of when it is run.
using Captured = std::vector<std::function<void()>>;
void start(std::function<void()> work);
void begin_capture();
Captured end_capture();
void run_captured(const Captured& work);
/// How many captures there were, and how often one was run.
struct CaptureCounts {
  int64_t captures, runs;
};
CaptureCounts capture_counts();
/// Throws while a capture goes on: what waits for the GPU, or reads from it, must not happen then.
void refuse_capture(const char* what);

/// Whether memory is closed between kernels and copies, as at first. Opening and closing it takes time.
void guard_memory(bool guard);
/// As long as one of these lives, GPU memory can be read and written.
class MemoryAccess {
 public:
  MemoryAccess();
  ~MemoryAccess();
  MemoryAccess(const MemoryAccess&) = delete;
  MemoryAccess& operator=(const MemoryAccess&) = delete;
};

}  // namespace cce::emulator
