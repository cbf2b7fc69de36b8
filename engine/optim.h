// Optimizers: how gradients change parameters.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/parallel.h"
#include "engine/step_numbers.h"
#include "engine/tensor.h"

namespace cce {

/// Factor of the learning rate in step `step` (from 0) of `steps`: up in a line over the first `warmup`
/// steps, then down in a line towards 0 after the last. 1 throughout without warm-up.
double warmup_factor(int64_t step, int64_t warmup, int64_t steps);

struct AdamOptions {
  double lr = 1e-3;
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  double weight_decay = 0;
  /// Decay the weights themselves (AdamW, Loshchilov and Hutter 2019) instead of adding decay to the
  /// gradient.
  bool decoupled_decay = false;
  /// Gradients are scaled down so that the norm of all of them together is at most this; 0: never.
  double clip_norm = 0;
};

/// Adam (Kingma and Ba 2015) with PyTorch's arithmetic: with g the gradient and t the number of the step,
///   m <- beta1 m + (1 - beta1) g,  v <- beta2 v + (1 - beta2) g^2,
///   w <- w - lr / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + eps).
class Adam {
 public:
  using Named = std::vector<std::pair<std::string, Tensor>>;

  /// Moments are kept on the parameters' device, all of which are on one.
  Adam(const Named& parameters, const AdamOptions& options);

  /// What of a step depends on its number.
  struct Rates {
    double lr, inverse_root_correction2, shrink;
  };
  /// Goes on to the next step. `lr_factor` scales its learning rate.
  Rates next(double lr_factor = 1);
  /// Updates every parameter that has a gradient, and clears the gradients. On a GPU the rates are read from
  /// `now`, in its memory, unless that is null.
  void update(Parallel& parallel, const Rates& rates, const StepNumbers* now = nullptr);
  /// Both.
  void step(Parallel& parallel, double lr_factor = 1) { update(parallel, next(lr_factor)); }

  /// From now on steps change nothing while this int32 [1] on a GPU is not 0: see StepLosses.
  void freeze_when(const Tensor& flag) { frozen_ = flag; }

  /// The moments, named "m.NAME" and "v.NAME": with steps(), all there is to save.
  Named state() const;
  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }

 private:
  double clip_factor() const;
  template <class T>
  AdamNumbers<T> numbers_of(const Rates& rates) const;
  void update_on_cpu(Parallel& parallel, const Rates& rates);
  void update_on_gpu(const Rates& rates, const StepNumbers* now);

  AdamOptions options_;
  Named parameters_;
  std::vector<Tensor> m_, v_;
  Tensor frozen_;  // undefined: never
  int64_t steps_ = 0;
};

}  // namespace cce
