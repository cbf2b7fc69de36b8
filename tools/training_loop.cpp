#include "tools/training_loop.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "tools/model_options.h"

namespace cce {

TrainingLoop::TrainingLoop(const CommonOptions& options, Device device, const Parameters& parameters,
                           LossOver over, int64_t count, std::string folder)
    : device_(device),
      seed_(options.seed),
      max_length_(options.max_length),
      quiet_(options.quiet),
      over_(over),
      folder_(std::move(folder)),
      parallel_(options.threads),
      parameters_(parameters),
      optimizer_(parameters.named(), adam_options(options)),
      losses_(device, count),
      graph_(device) {
  optimizer_.freeze_when(losses_.failed());
}

void TrainingLoop::take_losses(TrainingState& state) {
  for (const StepLoss& step : losses_.take()) {
    const double loss = step.numbers.front(), rows = static_cast<double>(step.rows);
    if (!std::isfinite(loss)) stop_at_bad_number(loss, state.epoch, step.step, parameters_, folder_);
    state.loss_sum += over_ == LossOver::mean ? loss * rows : loss;
    state.loss_rows += step.rows;
    for (size_t i = 0; i < state.part_sums.size(); ++i) state.part_sums[i] += step.numbers[i + 1];
    loss_note_ = fmt::format("loss {:.4f}", over_ == LossOver::mean ? loss : loss / rows);
  }
}

void TrainingLoop::require_good(const TrainingState& state) const {
  require_good_numbers(state, parameters_, optimizer_, folder_);
}

ExitCode TrainingLoop::stop(const TrainingState& state, const RunFolder& folder, const char* stage,
                            const char* how_to_go_on, const std::function<void()>& save) const {
  require_good(state);
  if (folder.replaces_a_run()) {
    fmt::print("stopped in the first epoch; what was in {} stays\n", folder.path().string());
  } else {
    save();
    fmt::print("stopped in epoch {}{} after step {}; {}\n", state.epoch, stage, state.step_in_epoch,
               how_to_go_on);
  }
  return exit_code_of(stop_requested());
}

StepNumbers TrainingLoop::numbers_of(uint32_t number, int64_t rows, int32_t place, const Adam::Rates& rates) {
  return {.step = number,
          .rows = static_cast<int32_t>(rows),
          .place = place,
          .lr = static_cast<float>(rates.lr),
          .inverse_root_correction2 = static_cast<float>(rates.inverse_root_correction2),
          .shrink = static_cast<float>(rates.shrink)};
}

}  // namespace cce
