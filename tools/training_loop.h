// What the loops of training and pre-training have in common: the steps of an epoch, from wherever the run
// stands, how a step is made, and the losses of these steps.
#pragma once

#include <string>
#include <vector>

#include "engine/context.h"
#include "engine/optim.h"
#include "engine/step_graph.h"
#include "engine/step_losses.h"
#include "engine/step_numbers.h"
#include "layers/module.h"
#include "tools/progress.h"
#include "tools/signals.h"
#include "tools/stopwatch.h"
#include "tools/training_state.h"

namespace cce {

/// What the loss of a step is, of its rows.
enum class LossOver { mean, sum };

/// Waits for the losses of the steps that were started, and adds them to `state`, with the objectives behind
/// each that the state keeps. Fails at a loss that is no number: see stop_at_bad_number(). Returns the last
/// step's mean over its rows as a text to show; `before` where none was started.
std::string take_losses(StepLosses& losses, LossOver over, TrainingState& state, const Parameters& parameters,
                        const std::string& folder, const std::string& before);

/// What a step's kernels are told of it: which of the run it is, how many rows count in its loss, where that
/// is kept, and how far the weights go.
StepNumbers step_numbers(uint32_t step, int64_t rows, int32_t place, const Adam::Rates& rates);

/// What steps are made with.
struct StepParts {
  Parallel& parallel;
  Device device;
  uint64_t seed;
  Adam& optimizer;
  StepLosses& losses;
  StepGraph& graph;
};

/// Makes step `step` of the run: batch, forward, loss, backward, update. `plan` is a StepPlan or a
/// PretrainingPlan, of sequences no longer than max_length, in whose loss `rows` count. losses_of(ctx, the
/// plan with its tensors where the model is) returns what is kept of the step, the loss first. take() as in
/// run_epoch().
template <class Plan, class Take, class LossesOf>
void run_step(const StepParts& parts, const Plan& plan, int64_t rows, int64_t max_length,
              int64_t step_in_epoch, uint32_t step, double lr_factor, Take take, LossesOf losses_of) {
  if (parts.losses.full()) take();
  const Adam::Rates rates = parts.optimizer.next(lr_factor);
  const StepNumbers numbers = step_numbers(step, rows, parts.losses.begin(step_in_epoch, rows), rates);
  const Plan read = parts.graph.captures() ? filled_up(plan, max_length) : plan;
  parts.graph.run(read.tensors(), read.sizes(), numbers,
                  [&](const StepGraph::Inputs& inputs, const StepNumbers* now) {
                    Tape tape;
                    const Context ctx{.parallel = parts.parallel,
                                      .tape = &tape,
                                      .training = true,
                                      .seed = parts.seed,
                                      .step = step,
                                      .device = parts.device,
                                      .numbers = now};
                    const Plan there = read.with(inputs);
                    const std::vector<Tensor> losses = losses_of(ctx, there);
                    parts.losses.keep(losses, now);
                    if (parts.device == Device::cpu) take();  // stops before anything is changed
                    tape.backward(losses.front());
                    parts.optimizer.update(parts.parallel, rates, now);
                  });
}

/// Runs the steps of the epoch that `state` stands in, from where it stands: step(number in the epoch, number
/// in the run), both from 0. Calls take() whenever the state must have all losses: at the epoch's end, and
/// before it throws Stopped because a signal asks for it. `note` is shown beside the progress.
template <class Step, class Take>
void run_epoch(TrainingState& state, int64_t steps, Progress& progress, const std::string& note, Step step,
               Take take) {
  for (; state.step_in_epoch < steps; ++state.step_in_epoch) {
    if (stop_requested() != 0) {
      take();
      leave_if_stopped();
    }
    const Stopwatch watch;
    step(state.step_in_epoch, static_cast<uint32_t>((state.epoch - 1) * steps + state.step_in_epoch));
    if (state.step_in_epoch + 1 == steps) take();
    state.seconds_in_epoch += watch.seconds();
    progress.update(state.step_in_epoch + 1, note);
  }
}

}  // namespace cce
