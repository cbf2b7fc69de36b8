// What the loops of training and pre-training have in common: the steps of an epoch, from wherever the run
// stands, and the losses of these steps.
#pragma once

#include <string>

#include "engine/optim.h"
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
