#include "engine/step_graph.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/cuda/built.h"
#include "engine/cuda/gpu.h"

namespace cce {
namespace {

constexpr int64_t kAlignment = 256;

int64_t bytes_in_memory(int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

int64_t bytes_of_numbers(const Tensor& tensor) {
  return tensor.size() * bytes_of(tensor.dtype());
}

/// Calls use(i, where input i begins) for all that are defined, and returns where the last one ends.
template <class Use>
int64_t lay_out(const StepGraph::Inputs& inputs, Use use) {
  int64_t at = bytes_in_memory(sizeof(StepNumbers));
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined()) continue;
    use(i, at);
    at += bytes_in_memory(bytes_of_numbers(inputs[i]));
  }
  return at;
}

bool alike(const Tensor& a, const Tensor& b) {
  if (!a.defined() || !b.defined()) return a.defined() == b.defined();
  return a.shape() == b.shape() && a.dtype() == b.dtype();
}

const void* bytes_in(const Tensor& tensor) {
  if (tensor.dtype() == DType::i32) return tensor.data<int32_t>();
  return tensor.data<float>();
}

}  // namespace

StepGraph::StepGraph(Device device) : device_(device), captures_(false) {
  if constexpr (kCudaBuilt) captures_ = device == Device::cuda && cuda::graphs_wanted();
}

void StepGraph::run(const Inputs& inputs, const Sizes& sizes, const StepNumbers& numbers, const Work& work) {
  if constexpr (kCudaBuilt) {
    if (captures_) {
      Kind& kind = kind_of(inputs, sizes);
      write(kind, inputs, numbers);
      if (kind.graph == nullptr) {
        // The first time makes what stays: handles, and kernels that the driver loads when they are used.
        if (!std::exchange(kind.seen, true)) return work(kind.there, kind.numbers());
        kind.graph = cuda::capture([&] { work(kind.there, kind.numbers()); });
      }
      return cuda::start_captured(kind.graph);
    }
  }
  Inputs there;
  for (const Tensor& input : inputs) there.push_back(input.to(device_));
  work(there, nullptr);
}

StepGraph::Kind& StepGraph::kind_of(const Inputs& inputs, const Sizes& sizes) {
  const auto same = std::ranges::find_if(kinds_, [&](const Kind& kind) {
    return kind.sizes == sizes && std::ranges::equal(kind.there, inputs, alike);
  });
  if (same != kinds_.end()) {
    kinds_.splice(kinds_.begin(), kinds_, same);
    return kinds_.front();
  }
  if (kinds_.size() == kMostKinds) kinds_.pop_back();
  Kind kind{.memory = allocate(device_, lay_out(inputs, [](size_t, int64_t) {})),
            .there = Inputs(inputs.size()),
            .sizes = sizes};
  lay_out(inputs, [&](size_t i, int64_t at) {
    const std::shared_ptr<void> part(kind.memory, static_cast<char*>(kind.memory.get()) + at);
    kind.there[i] = Tensor::over(part, inputs[i].shape(), inputs[i].dtype(), device_);
  });
  kinds_.push_front(std::move(kind));
  return kinds_.front();
}

/// One copy for all of it.
void StepGraph::write(const Kind& kind, const Inputs& inputs, const StepNumbers& numbers) {
  written_.resize(static_cast<size_t>(lay_out(inputs, [](size_t, int64_t) {})));
  std::memcpy(written_.data(), &numbers, sizeof(numbers));
  lay_out(inputs, [&](size_t i, int64_t at) {
    std::memcpy(written_.data() + at, bytes_in(inputs[i]), static_cast<size_t>(bytes_of_numbers(inputs[i])));
  });
  copy_bytes(device_, kind.memory.get(), Device::cpu, written_.data(), std::ssize(written_));
}

}  // namespace cce
