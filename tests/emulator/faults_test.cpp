// What is said where a GPU, its driver or its memory is not as it should be.
#include <doctest/doctest.h>

#include <cuda_runtime.h>

#include "engine/cuda/blas_library.h"
#include "engine/cuda/gpu.h"
#include "engine/cuda/pinned_ring.h"
#include "engine/ops/ops.h"
#include "tests/data/files.h"
#include "tests/emulator/emulator.h"
#include "tests/gpu/same_on_both.h"
#include "tests/gpu/tiny_trainings.h"
#include "tools/durable_file.h"
#include "tools/metrics_file.h"
#include "tools/run_folder.h"
#include "tools/trainer.h"

namespace cce::test {
namespace {

using testing::EnvironmentVariable;
using testing::message_of;

/// As long as it lives, this is wrong.
struct WithFaults {
  explicit WithFaults(const emulator::Faults& faults) { emulator::faults() = faults; }
  ~WithFaults() { emulator::faults() = {}; }
};

std::string problem_with(const emulator::Faults& faults) {
  const WithFaults scope(faults);
  return cuda::find_gpu().problem;
}

}  // namespace

TEST_CASE("emulator: why a GPU cannot be used, each in words that lead to the remedy") {
  const EnvironmentVariable all("CUDA_VISIBLE_DEVICES", {});
  CHECK(problem_with({}).empty());
  CHECK(problem_with({.driver = 0, .count = cudaErrorInsufficientDriver}) == "there is no NVIDIA driver");
  CHECK(problem_with({.driver = 12040, .count = cudaErrorInsufficientDriver}) ==
        "the NVIDIA driver knows CUDA 12.4, and this program needs 13.0");
  CHECK(problem_with({.count = cudaErrorNoDevice}) == "the NVIDIA driver finds no GPU");
  CHECK(problem_with({.devices = 0}) == "the NVIDIA driver finds no GPU");
  CHECK(problem_with({.count = cudaErrorDevicesUnavailable}) == "the NVIDIA driver says: emulated error");
  CHECK(problem_with({.describe = cudaErrorDevicesUnavailable}) ==
        "the NVIDIA driver says of the GPU: emulated error");
  CHECK(problem_with({.ask_for_memory = cudaErrorDevicesUnavailable}) ==
        "the emulated GPU cannot be used: emulated error");
  CHECK(problem_with({.major = 7, .minor = 5}) ==
        "the emulated GPU has compute capability 7.5, and this program was built for 8.0 or later");
  CHECK(problem_with({.major = 8}).empty());
  CHECK(problem_with({.blas = "there is no cuBLAS"}) == "there is no cuBLAS");
  const EnvironmentVariable none("CUDA_VISIBLE_DEVICES", "");
  CHECK(problem_with({.count = cudaErrorNoDevice}) == "CUDA_VISIBLE_DEVICES= leaves no NVIDIA GPU");
}

TEST_CASE("emulator: the fault of a kernel names the operation, wherever it shows") {
  Parallel parallel(1);
  const Context ctx{.parallel = parallel, .device = Device::cuda};
  const Tensor x = random_floats({4, 3}, 1).to(Device::cuda);
  const auto message_after_fault = [&](const std::function<void()>& next) {
    const WithFaults scope({.kernel = cudaErrorIllegalAddress});
    const Tensor y = gelu(ctx, x);
    return message_of(next);
  };
  const std::string how = "; CCE_CUDA_BLOCKING=1 in the environment finds out which operation it was)";
  const std::string what = "the GPU failed: an illegal memory access was encountered (";
  CHECK(message_after_fault([&] { x.to(Device::cpu); }) ==
        what + "cudaMemcpyAsync, behind gelu" + how + "; see: cce_rec devices");
  CHECK(message_after_fault([&] {
          x.copy_from(random_floats({4, 3}, 2));
        }).starts_with(what + "cudaMemcpyAsync, behind gelu;"));
  CHECK(message_after_fault([&] {
          allocate(Device::cuda, 123'456);
        }).starts_with(what + "cudaMalloc, behind gelu;"));

  const auto refused = [&](int error) {
    const WithFaults scope({.launch = error});
    return message_of([&] { gelu(ctx, x); },
                      error == cudaErrorMemoryAllocation ? ExitCode::out_of_memory : ExitCode::failed);
  };
  CHECK(refused(cudaErrorLaunchOutOfResources) ==
        "[gelu] the GPU refused the kernel, or one before it failed: emulated error (CCE_CUDA_BLOCKING=1 in "
        "the environment finds out which)");
  CHECK(refused(cudaErrorMemoryAllocation) ==
        "out of GPU memory: [gelu] could not be started; lower --batch-size or --embedding-size, or use "
        "--device cpu");
}

TEST_CASE("emulator: what cuBLAS refuses is told, and lack of memory is lack of memory") {
  Parallel parallel(1);
  const Context ctx{.parallel = parallel, .device = Device::cuda};
  const Tensor x = random_floats({4, 3}, 1).to(Device::cuda), w = random_floats({5, 3}, 2).to(Device::cuda);
  const auto message = [&](int status, ExitCode code) {
    const Tensor y = gelu(ctx, x);
    const WithFaults scope({.product = status});
    return message_of([&] { linear(ctx, x, w, {}); }, code);
  };
  CHECK(message(CUBLAS_STATUS_EXECUTION_FAILED, ExitCode::failed)
            .starts_with("cuBLAS failed: the GPU failed (cublasGemmEx, behind gelu; "));
  CHECK(message(CUBLAS_STATUS_ALLOC_FAILED, ExitCode::out_of_memory) ==
        "out of GPU memory: cublasGemmEx found none; lower --batch-size or --embedding-size, or use --device "
        "cpu");
  const WithFaults scope({.pinned = cudaErrorMemoryAllocation});
  CHECK(message_of([] { cuda::PinnedRing ring(64); }, ExitCode::out_of_memory) ==
        "out of memory: 128 bytes that the GPU can read were refused; close other programs, or use --device "
        "cpu");
}

TEST_CASE("emulator: a training that runs out of GPU memory in an epoch leaves the state of the one before") {
  const Unguarded unguarded;
  const testing::TemporaryFolder folder;
  TrainOptions options = tiny_options("cuda", "sasrec", "cce", folder / "failed");
  const int64_t begun = emulator::kernels_run();
  train_on("cuda", options, folder / "whole");
  const int64_t kernels = emulator::kernels_run() - begun;
  const auto fail_in_second_epoch = [&] {
    const WithFaults scope({.launch = cudaErrorMemoryAllocation, .refused_launch = kernels * 2 / 3});
    RunFolder run({.out = options.out});
    Trainer(options, tiny_data(), run).run();
  };
  const std::string message = message_of(fail_in_second_epoch, ExitCode::out_of_memory);
  CHECK(message.starts_with("out of GPU memory: ["));
  CHECK(message.find("lower --batch-size") != std::string::npos);
  CHECK(read_metrics(folder / "failed/metrics.jsonl").size() == 1);
  options.resume = true;
  train_with_stops_on_gpu(options);
  for (const char* const file : {"/best.safetensors", "/last.safetensors", "/ranks.tsv"}) {
    CHECK(read_file(folder / "failed" + file, 1 << 24) == read_file(folder / "whole" + file, 1 << 24));
  }
}

}  // namespace cce::test
