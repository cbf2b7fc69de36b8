#include "engine/autograd.h"

#include <utility>
#include <vector>

namespace cce {

void Tape::record(const char* op, const Tensor& output, Backward backward) {
  records_.push_back({op, output, std::move(backward)});
}

void Tape::backward(const Tensor& root, const Tensor& seed) {
  require(root.needs_grad(), "[backward] nothing with a gradient was used to compute this tensor");
  if (seed.defined()) {
    require(seed.shape() == root.shape(), "[backward] expected a seed of shape {}, got {}", root.shape(),
            seed.shape());
    root.grad_to_add().copy_from(seed);
  } else {
    root.grad_to_add().copy_from(Tensor::ones(root.shape(), root.dtype(), root.device()));
  }
  while (!records_.empty()) {
    const Record record = std::move(records_.back());
    records_.pop_back();
    const Tensor output_grad = record.output.grad();
    if (!output_grad.defined()) continue;  // not on the way to the root
    try {
      record.backward(output_grad);
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("{} (in the backward of {})", error.what(), record.op));
    }
    record.output.clear_grad();
  }
}

}  // namespace cce
