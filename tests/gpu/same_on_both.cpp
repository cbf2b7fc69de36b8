#include "tests/gpu/same_on_both.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "tests/tensors.h"

#if defined(CCE_CUDA_EMULATED)
#include "tests/emulator/emulator.h"
#endif

namespace cce::test {
namespace {

bool same_bytes(const Tensor& a, const Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined();
  return a.shape() == b.shape() &&
         std::memcmp(a.data<float>(), b.data<float>(), static_cast<size_t>(a.size()) * sizeof(float)) == 0;
}

Computed compute(Device device, const StepNumbers* numbers, const Function& f,
                 const std::vector<Tensor>& inputs, bool training) {
  Parallel parallel(2);
  Tape tape;
  std::vector<Tensor> there;
  for (const Tensor& input : inputs) {
    Tensor copy = Tensor::empty(input.shape(), input.dtype(), device);
    copy.copy_from(input);
    if (input.dtype() != DType::i32) {
      copy.set_needs_grad(true);
      const std::vector<float> quarters(static_cast<size_t>(input.size()), 0.25F);
      copy.grad_to_add().copy_from(Tensor::from(input.shape(), quarters));
    }
    there.push_back(copy);
  }
  const Context ctx{.parallel = parallel,
                    .tape = &tape,
                    .training = training,
                    .seed = 7,
                    .step = 3,
                    .device = device,
                    .numbers = numbers};
  const Tensor output = f(ctx, there);
  Computed result{output.to(Device::cpu), {}};
  if (output.needs_grad()) {
    tape.backward(output, random_floats(output.shape(), 999).to(device));
    for (const Tensor& input : there) result.gradients.push_back(input.grad().to(Device::cpu));
  }
  return result;
}

}  // namespace

void change_order([[maybe_unused]] bool changed) {
#if defined(CCE_CUDA_EMULATED)
  emulator::start_in_reverse(changed);
#endif
}

NumbersOnGpu::NumbersOnGpu(const StepNumbers& numbers) {
  std::vector<int32_t> words(sizeof(numbers) / sizeof(int32_t));
  std::memcpy(words.data(), &numbers, sizeof(numbers));
  memory_ = ids(words).to(Device::cuda);
}

bool same_bytes(const Computed& a, const Computed& b) {
  return same_bytes(a.output, b.output) &&
         std::ranges::equal(a.gradients, b.gradients,
                            [](const Tensor& x, const Tensor& y) { return same_bytes(x, y); });
}

Computed compute_on(Device device, const Function& f, const std::vector<Tensor>& inputs, bool training) {
  return compute(device, nullptr, f, inputs, training);
}

Computed compute_with_numbers(const StepNumbers& numbers, const Function& f,
                              const std::vector<Tensor>& inputs, bool training) {
  const NumbersOnGpu on_gpu(numbers);
  return compute(Device::cuda, on_gpu.get(), f, inputs, training);
}

double gpu_error(const Function& f, const std::vector<Tensor>& inputs, bool training) {
  const Computed expected = compute_on(Device::cpu, f, inputs, training);
  const Computed actual = compute_on(Device::cuda, f, inputs, training);
  for (const bool reverse : {true, false}) {
    change_order(reverse);
    const Computed again = compute_on(Device::cuda, f, inputs, training);
    change_order(false);
    if (!same_bytes(again, actual)) return std::numeric_limits<double>::infinity();
  }
  double worst = relative_error(actual.output, expected.output);
  for (size_t i = 0; i < expected.gradients.size(); ++i) {
    if (expected.gradients[i].defined())
      worst = std::max(worst, relative_error(actual.gradients[i], expected.gradients[i]));
  }
  return worst;
}

Tensor random_floats(const Shape& shape, uint64_t salt, double scale) {
  return random_tensor(shape, salt, scale, DType::f32);
}

}  // namespace cce::test
