// Compares what an operation computes on the GPU with what it computes on the CPU: result and gradients.
#pragma once

#include <vector>

#include "engine/context.h"
#include "engine/tensor.h"
#include "tests/gradcheck.h"

namespace cce::test {

struct Computed {
  Tensor output;
  std::vector<Tensor> gradients;  // undefined for inputs without one
};

/// f(inputs) on `device` in float32, and the gradients of sum(g * f(inputs)) for a fixed random g; all
/// brought back to the CPU. Gradients begin with 0.25 in each place, to which they must be added.
Computed compute_on(Device device, const Function& f, const std::vector<Tensor>& inputs,
                    bool training = false);
/// The same on the GPU in float32, which reads `numbers` from its memory.
Computed compute_with_numbers(const StepNumbers& numbers, const Function& f,
                              const std::vector<Tensor>& inputs, bool training = false);
/// Whether output and gradients are the same to the last bit.
bool same_bytes(const Computed& a, const Computed& b);

/// The largest relative error (see relative_error) of the GPU's result and gradients, measured by the CPU's.
/// Infinity unless repeating the computation on the GPU gives the same bytes. `inputs` are on the CPU: int32,
/// or float32, which then all have a gradient.
double gpu_error(const Function& f, const std::vector<Tensor>& inputs, bool training = false);

/// Something about the order in which the GPU's threads run changes, if it can be changed.
void change_order(bool changed);

/// The numbers of a step in the GPU's memory.
class NumbersOnGpu {
 public:
  explicit NumbersOnGpu(const StepNumbers& numbers);
  const StepNumbers* get() const { return reinterpret_cast<const StepNumbers*>(memory_.data<int32_t>()); }

 private:
  Tensor memory_;
};

/// `random_tensor` in float32.
Tensor random_floats(const Shape& shape, uint64_t salt, double scale = 1);

/// What float32 sums in another order may differ by.
constexpr double kRounding = 1e-5;

}  // namespace cce::test
