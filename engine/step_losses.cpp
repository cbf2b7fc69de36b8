#include "engine/step_losses.h"

#include <utility>

#include "engine/cuda/built.h"
#include "engine/ops/cuda_ops.h"

namespace cce {

StepLosses::StepLosses(Device device, int64_t count)
    : device_(device), count_(count), capacity_(device == Device::cpu ? 1 : 64) {
  require(count >= 1 && count <= cuda::kMostKept, "[step losses] {} numbers in a step", count);
  if (device == Device::cpu) return;
  kept_ = Tensor::zeros({capacity_, count}, DType::f32, device);
  failed_ = Tensor::zeros({1}, DType::i32, device);
}

int32_t StepLosses::begin(int64_t step, int64_t rows) {
  require(!full(), "[step losses] {} are kept, and were not taken", capacity_);
  steps_.push_back({step, rows, {}});
  return static_cast<int32_t>(steps_.size()) - 1;
}

void StepLosses::keep(const std::vector<Tensor>& numbers, [[maybe_unused]] const StepNumbers* now) {
  require(static_cast<int64_t>(numbers.size()) == count_ && !steps_.empty(),
          "[step losses] {} numbers, expected {} of a step that was begun", numbers.size(), count_);
  if constexpr (kCudaBuilt) {
    if (device_ == Device::cuda) {
      cuda::KeptNumbers on_gpu{.count = count_, .numbers = {}};
      for (size_t i = 0; i < numbers.size(); ++i) on_gpu.numbers[i] = numbers[i].data<float>();
      return cuda::keep_step(on_gpu, std::ssize(steps_) - 1, now, kept_.data<float>(),
                             failed_.data<int32_t>());
    }
  }
  for (const Tensor& number : numbers) steps_.back().numbers.push_back(number.item());
}

std::vector<StepLoss> StepLosses::take() {
  if (device_ == Device::cuda && !steps_.empty()) {
    const Tensor kept = kept_.to(Device::cpu);
    const float* number = kept.data<float>();
    for (StepLoss& step : steps_) {
      step.numbers.assign(number, number + count_);
      number += count_;
    }
  }
  return std::exchange(steps_, {});
}

}  // namespace cce
