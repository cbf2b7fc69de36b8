// Adam on both devices.
#include "engine/optim.h"

#include <doctest/doctest.h>

#include "tests/gpu/same_on_both.h"

namespace cce::test {
namespace {

/// The weights after three steps on `count` tensors with given gradients, one of which has none.
std::vector<Tensor> weights_after(Device device, const AdamOptions& options, int count) {
  Adam::Named parameters;
  for (int p = 0; p < count; ++p) {
    const Tensor w = random_floats({p % 5 + 1, 300}, static_cast<uint64_t>(p));
    w.move_to(device);
    parameters.emplace_back(std::to_string(p), w);
    parameters.back().second.set_needs_grad(true);
  }
  Parallel parallel(1);
  Adam adam(parameters, options);
  for (uint64_t step = 0; step < 3; ++step) {
    for (size_t p = 1; p < parameters.size(); ++p) {
      const Tensor& w = parameters[p].second;
      w.grad_to_add().copy_from(random_floats(w.shape(), 1000 * step + p));
    }
    adam.step(parallel, 0.5);
    for (const auto& [name, w] : parameters) CHECK(!w.grad().defined());
  }
  std::vector<Tensor> weights;
  for (const auto& [name, w] : parameters) weights.push_back(w.to(Device::cpu));
  return weights;
}

}  // namespace

TEST_CASE("gpu: Adam and AdamW, clipped or not, of more tensors than one kernel takes") {
  const AdamOptions plain{.lr = 0.1, .weight_decay = 0.01};
  const AdamOptions clipped{.lr = 0.1, .weight_decay = 0.01, .decoupled_decay = true, .clip_norm = 0.5};
  for (const AdamOptions& options : {plain, clipped}) {
    const std::vector<Tensor> cpu = weights_after(Device::cpu, options, 70);
    const std::vector<Tensor> cuda = weights_after(Device::cuda, options, 70);
    for (size_t p = 0; p < cpu.size(); ++p) CHECK(relative_error(cuda[p], cpu[p]) < kRounding);
  }
}

TEST_CASE("gpu: a gradient's norm is that of all its numbers, also of more than the blocks take at once") {
  const auto clipped = [](Device device) {
    const Tensor w = Tensor::zeros({3, 200'000});
    w.move_to(device);
    Adam::Named parameters{{"w", w}};
    parameters[0].second.set_needs_grad(true);
    Parallel parallel(1);
    // So large an eps that the step is the clipped gradient.
    Adam adam(parameters, {.lr = 1e6, .beta1 = 0, .eps = 1e6, .clip_norm = 0.5});
    w.grad_to_add().copy_from(random_floats(w.shape(), 5));
    adam.step(parallel);
    return w.to(Device::cpu);
  };
  CHECK(relative_error(clipped(Device::cuda), clipped(Device::cpu)) < kRounding);
}

}  // namespace cce::test
