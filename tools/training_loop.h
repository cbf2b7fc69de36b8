// What training and pre-training have in common: the steps of an epoch, from wherever the run stands, how a
// step is made, the losses of these steps, and how a signal ends it all.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/context.h"
#include "engine/optim.h"
#include "engine/step_graph.h"
#include "engine/step_losses.h"
#include "layers/parameters.h"
#include "tools/options.h"
#include "tools/progress.h"
#include "tools/run_folder.h"
#include "tools/signals.h"
#include "tools/stopwatch.h"
#include "tools/training_state.h"

namespace cce {

class TrainingLoop {
 public:
  /// Whether the loss of a step is the mean over its rows, or their sum.
  enum class LossOver { mean, sum };

  /// Trains `parameters`, which are on `device`. Of each step `count` numbers are kept, the loss first.
  /// `folder` is for messages.
  TrainingLoop(const CommonOptions& options, Device device, const Parameters& parameters, LossOver over,
               int64_t count, std::string folder);

  Parallel& parallel() { return parallel_; }
  Adam& optimizer() { return optimizer_; }

  /// Runs the steps of the epoch that `state` stands in, from where it stands: make_step(number in the epoch,
  /// number in the run), both from 0. Then the state has the losses of them all, also where Stopped is thrown
  /// because a signal asks for it. `task` is what a waiting person is told that it is.
  template <class MakeStep>
  void epoch(TrainingState& state, int64_t steps, const std::string& task, MakeStep make_step);

  /// Step `number` of the run: batch, forward, loss, backward, update. `plan` is a StepPlan or a
  /// PretrainingPlan, `rows` of which count in the loss. losses_of(ctx, the plan with its tensors where the
  /// model is) makes the batch and returns what is kept of the step, the loss first.
  template <class Plan, class LossesOf>
  void step(TrainingState& state, uint32_t number, const Plan& plan, int64_t rows, double lr_factor,
            LossesOf losses_of);

  /// Fails if a weight or a moment is no number: to be asked before they are saved.
  void require_good(const TrainingState& state) const;
  /// To be called where Stopped ended an epoch: saves by `save`, unless `folder` has a run that this one was
  /// to replace, which then stays; says so, and returns the signal's code. `stage` is told behind the epoch.
  ExitCode stop(const TrainingState& state, const RunFolder& folder, const char* stage,
                const char* how_to_go_on, const std::function<void()>& save) const;

 private:
  /// What a step's kernels are told of it: which of the run it is, how many rows count in its loss, where
  /// that is kept, and how far the weights go.
  static StepNumbers numbers_of(uint32_t number, int64_t rows, int32_t place, const Adam::Rates& rates);
  /// Waits for the losses of the steps that were started, and adds them to the state. Fails at a loss that is
  /// no number.
  void take_losses(TrainingState& state);

  Device device_;
  uint64_t seed_;
  int64_t max_length_;
  bool quiet_;
  LossOver over_;
  std::string folder_;
  Parallel parallel_;
  const Parameters& parameters_;
  Adam optimizer_;
  StepLosses losses_;  // of steps that are started, and not yet in the state
  StepGraph graph_;
  std::string loss_note_;  // the last step's whose loss is known; empty before the first
};

template <class Plan, class LossesOf>
void TrainingLoop::step(TrainingState& state, uint32_t number, const Plan& plan, int64_t rows,
                        double lr_factor, LossesOf losses_of) {
  if (losses_.full()) take_losses(state);  // on a GPU, after many steps
  const Adam::Rates rates = optimizer_.next(lr_factor);
  const StepNumbers numbers = numbers_of(number, rows, losses_.begin(state.step_in_epoch, rows), rates);
  const Plan read = graph_.captures() ? filled_up(plan, max_length_) : plan;
  graph_.run(read.tensors(), read.sizes(), numbers,
             [&](const StepGraph::Inputs& inputs, const StepNumbers* now) {
               Tape tape;
               const Context ctx{.parallel = parallel_,
                                 .tape = &tape,
                                 .training = true,
                                 .seed = seed_,
                                 .step = number,
                                 .device = device_,
                                 .numbers = now};
               const std::vector<Tensor> losses = losses_of(ctx, read.with(inputs));
               losses_.keep(losses, now);
               if (device_ == Device::cpu) take_losses(state);  // stops before anything is changed
               tape.backward(losses.front());
               optimizer_.update(parallel_, rates, now);
             });
}

template <class MakeStep>
void TrainingLoop::epoch(TrainingState& state, int64_t steps, const std::string& task, MakeStep make_step) {
  Progress progress(task, steps, "steps", quiet_, state.step_in_epoch);
  for (; state.step_in_epoch < steps; ++state.step_in_epoch) {
    if (stop_requested() != 0) {
      take_losses(state);
      leave_if_stopped();
    }
    const Stopwatch watch;
    make_step(state.step_in_epoch, static_cast<uint32_t>((state.epoch - 1) * steps + state.step_in_epoch));
    if (state.step_in_epoch + 1 == steps) take_losses(state);
    state.seconds_in_epoch += watch.seconds();
    progress.update(state.step_in_epoch + 1, loss_note_);
  }
}

}  // namespace cce
