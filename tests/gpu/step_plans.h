// Plans of steps, and what is made of them, taken from one device to the other.
#pragma once

#include <vector>

#include "engine/step_graph.h"

namespace cce::test {

/// A plan of training or of pre-training with its tensors on `device`.
template <class Plan>
Plan on_device(const Plan& plan, Device device) {
  StepGraph::Inputs there;
  for (const Tensor& tensor : plan.tensors()) there.push_back(tensor.to(device));
  return plan.with(there);
}
template <class Plan>
Plan on_gpu(const Plan& plan) {
  return on_device(plan, Device::cuda);
}

/// x with rows of `cols` numbers behind it that are the first ones once more, `rows` in all.
template <class T>
std::vector<T> repeated(const std::vector<T>& x, size_t rows, size_t cols) {
  if (x.empty()) return x;
  std::vector<T> longer(rows * cols);
  for (size_t i = 0; i < longer.size(); ++i) longer[i] = x[i % x.size()];
  return longer;
}

}  // namespace cce::test
