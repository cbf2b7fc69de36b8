// Reverse-mode differentiation: a tape of what was computed, read backwards.
#pragma once

#include <functional>
#include <initializer_list>
#include <vector>

#include "engine/tensor.h"

namespace cce {

/// Records operations while they run and, on demand, walks them in reverse order to fill in gradients. The
/// tape knows neither devices nor kernels: a record is an output and a function that adds to its inputs'
/// gradients.
class Tape {
 public:
  /// Given d(loss)/d(output), adds to the gradients of the inputs that need one.
  using Backward = std::function<void(const Tensor& output_grad)>;

  /// `op` is a name that lives as long as the tape.
  void record(const char* op, const Tensor& output, Backward backward);

  /// Fills grad() of everything `root` was computed from, beginning with d(loss)/d(root) = `seed` (ones if
  /// undefined: root is then the loss). Gradients of tensors computed on the way are released as soon as they
  /// are used, and the tape is empty afterwards; those of parameters stay and accumulate until clear_grad().
  /// Throws where nothing that needs a gradient led to `root`, or the seed has another shape. An Error in an
  /// operation's backward names that operation.
  void backward(const Tensor& root, const Tensor& seed = {});

  /// How many operations are recorded.
  size_t size() const { return records_.size(); }

 private:
  struct Record {
    const char* op;
    Tensor output;
    Backward backward;
  };
  std::vector<Record> records_;
};

}  // namespace cce
