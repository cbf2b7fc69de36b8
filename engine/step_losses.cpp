#include "engine/step_losses.h"

#include <utility>

#include "engine/cuda/built.h"
#include "engine/ops/cuda_ops.h"

namespace cce {

StepLosses::StepLosses(Device device, int64_t count)
    : device_(device), count_(count), capacity_(device == Device::cpu ? 1 : 64) {
  require(count >= 1 && count <= cuda::kMostStepNumbers, "[step losses] {} numbers in a step", count);
  if (device == Device::cpu) return;
  kept_ = Tensor::zeros({capacity_, count}, DType::f32, device);
  failed_ = Tensor::zeros({1}, DType::i32, device);
}

void StepLosses::add(int64_t step, int64_t rows, const std::vector<Tensor>& numbers) {
  require(static_cast<int64_t>(numbers.size()) == count_ && !full(), "[step losses] {} numbers, expected {}",
          numbers.size(), count_);
  steps_.push_back({step, rows, {}});
  if constexpr (kCudaBuilt) {
    if (device_ == Device::cuda) {
      cuda::StepNumbers on_gpu{.count = count_, .numbers = {}};
      for (size_t i = 0; i < numbers.size(); ++i) on_gpu.numbers[i] = numbers[i].data<float>();
      const int64_t place = static_cast<int64_t>(steps_.size()) - 1;
      return cuda::keep_step(on_gpu, kept_.data<float>() + place * count_, failed_.data<int32_t>());
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
