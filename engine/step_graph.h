// Training steps on the GPU that are started by one call each: the kernels of a step are noted down
// (captured) once, as a CUDA graph, and then only started again.
//
// Started again, kernels have the arguments they had: the same memory, the same sizes. So what a step reads
// is copied to where the one that was captured read it, and there is a graph for each kind of step, a kind
// being the shapes of what it reads and the sizes of what it makes (see data/filled_up.h for how these are
// made few). Numbers that change from step to step are read from memory, too (step_numbers.h). The same
// kernels run with the same numbers, so results have the same bits as without.
#pragma once

#include <array>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "engine/step_numbers.h"
#include "engine/tensor.h"

namespace cce {

/// Captures only on a GPU, and only with CCE_CUDA_GRAPHS=1 in the environment: it has never been measured.
class StepGraph {
 public:
  /// What a step reads; undefined tensors stand for what it does not.
  using Inputs = std::vector<Tensor>;
  using Sizes = std::vector<int64_t>;
  /// Starts a step on the device where its inputs and numbers are. The numbers are null where they can be
  /// told as arguments. May be called or not, so it must do nothing but start what depends on its arguments
  /// alone.
  using Work = std::function<void(const Inputs& there, const StepNumbers* numbers)>;

  /// Of a step's plan, whose tensors `places` points to: what the step reads.
  template <size_t N>
  static Inputs inputs_at(const std::array<const Tensor*, N>& places);
  /// Puts what inputs_at() had of a plan, by now where it is read, into the places of a copy of that plan.
  /// Throws where there are more or fewer.
  template <size_t N>
  static void put(const Inputs& there, const std::array<Tensor*, N>& places);

  /// How many kinds are kept; beyond, the one that was not used for longest goes.
  static constexpr size_t kMostKinds = 32;

  explicit StepGraph(Device device);

  bool captures() const { return captures_; }
  /// Does the work with these inputs, which are on the CPU: calls it, or, for a kind that was seen twice
  /// before, starts what it started then. `sizes` are whatever else the work depends on, and so part of its
  /// kind. Throws where something cannot be captured.
  void run(const Inputs& inputs, const Sizes& sizes, const StepNumbers& numbers, const Work& work);

 private:
  struct Kind {
    std::shared_ptr<void> memory;  // of the numbers and, behind them, the inputs
    Inputs there;                  // parts of it
    Sizes sizes;
    bool seen = false;
    std::shared_ptr<void> graph;  // null: not captured yet

    const StepNumbers* numbers() const { return static_cast<const StepNumbers*>(memory.get()); }
  };

  Kind& kind_of(const Inputs& inputs, const Sizes& sizes);
  void write(const Kind& kind, const Inputs& inputs, const StepNumbers& numbers);

  Device device_;
  bool captures_;
  std::list<Kind> kinds_;      // the one that was used last comes first
  std::vector<char> written_;  // what is copied to a kind's memory
};

template <size_t N>
StepGraph::Inputs StepGraph::inputs_at(const std::array<const Tensor*, N>& places) {
  Inputs inputs;
  for (const Tensor* const place : places) inputs.push_back(*place);
  return inputs;
}

template <size_t N>
void StepGraph::put(const Inputs& there, const std::array<Tensor*, N>& places) {
  require(there.size() == N, "[step graph] expected {} tensors, got {}", N, there.size());
  for (size_t i = 0; i < N; ++i) *places[i] = there[i];
}

}  // namespace cce
