#include "tools/epoch_loop.h"

#include <fmt/format.h>

#include <cmath>

namespace cce {

std::string take_losses(StepLosses& losses, LossOver over, TrainingState& state, const Parameters& parameters,
                        const std::string& folder, const std::string& before) {
  std::string text = before;
  for (const StepLoss& step : losses.take()) {
    const double loss = step.numbers.front(), rows = static_cast<double>(step.rows);
    if (!std::isfinite(loss)) stop_at_bad_number(loss, state.epoch, step.step, parameters, folder);
    state.loss_sum += over == LossOver::mean ? loss * rows : loss;
    state.loss_rows += step.rows;
    for (size_t i = 0; i < state.part_sums.size(); ++i) state.part_sums[i] += step.numbers[i + 1];
    text = fmt::format("loss {:.4f}", over == LossOver::mean ? loss : loss / rows);
  }
  return text;
}

StepNumbers step_numbers(uint32_t step, int64_t rows, int32_t place, const Adam::Rates& rates) {
  return {.step = step,
          .rows = static_cast<int32_t>(rows),
          .place = place,
          .lr = static_cast<float>(rates.lr),
          .inverse_root_correction2 = static_cast<float>(rates.inverse_root_correction2),
          .shrink = static_cast<float>(rates.shrink)};
}

}  // namespace cce
