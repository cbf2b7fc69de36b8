// What an operation needs besides its operands, handed down explicitly instead of being global.
#pragma once

#include <initializer_list>
#include <utility>

#include "engine/autograd.h"
#include "engine/parallel.h"
#include "engine/step_numbers.h"

namespace cce {

/// Where an operation computes, and with what on the CPU: what functions on the tape keep of a Context.
struct Executor {
  Parallel& parallel;
  Device device = Device::cpu;
};

struct Context {
  Parallel& parallel;
  /// Where operations record themselves; null where nothing will be differentiated.
  Tape* tape = nullptr;
  /// Whether dropout drops.
  bool training = false;
  /// Key of everything drawn in this step (see random.h).
  uint64_t seed = 42;
  uint32_t step = 0;
  /// Where the operands are, and hence where operations compute.
  Device device = Device::cpu;
  /// In the GPU's memory, where a step may be started again with other numbers: kernels read `step` there,
  /// and how many of a loss's rows count, the first ones. Null: they are told `step`, and all rows count.
  const StepNumbers* numbers = nullptr;
  /// Where they read how many rows count instead of in `numbers`, unless null; outlives the tape.
  const int32_t* rows_in_use = nullptr;

  Executor executor() const { return {parallel, device}; }
  const uint32_t* step_on_gpu() const { return numbers == nullptr ? nullptr : &numbers->step; }
  const int32_t* rows_on_gpu() const {
    if (rows_in_use != nullptr) return rows_in_use;
    return numbers == nullptr ? nullptr : &numbers->rows;
  }
  /// The same for one of several losses, which has rows of its own; null: as many count as here.
  Context counting(const int32_t* rows) const {
    Context counted = *this;
    if (rows != nullptr) counted.rows_in_use = rows;
    return counted;
  }
  /// True if an output computed from `inputs` must be recorded.
  bool records(std::initializer_list<Tensor> inputs) const {
    if (tape == nullptr) return false;
    for (const Tensor& input : inputs) {
      if (input.needs_grad()) return true;
    }
    return false;
  }
  /// Marks `output` as differentiable and puts it on the tape with the function that is its derivative.
  void record(const char* op, Tensor& output, Tape::Backward backward) const {
    output.set_needs_grad(true);
    tape->record(op, output, std::move(backward));
  }
};

}  // namespace cce
