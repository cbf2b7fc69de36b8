#include "tools/recommender.h"

#include <cmath>

#include "data/masking.h"
#include "engine/ops/ops.h"

namespace cce {
namespace {

/// The rows scaled to length 1; a row of zeros, which has no direction, stays as it is.
Tensor unit_rows(const Tensor& table_ID) {
  Tensor unit = Tensor::empty(table_ID.shape());
  const int64_t width = table_ID.cols();
  for (int64_t row = 0; row < table_ID.rows(); ++row) {
    const float* const from = table_ID.data<float>() + row * width;
    double squares = 0;
    for (int64_t k = 0; k < width; ++k) squares += double{from[k]} * from[k];
    const double scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
    for (int64_t k = 0; k < width; ++k)
      unit.data<float>()[row * width + k] = static_cast<float>(from[k] * scale);
  }
  return unit;
}

}  // namespace

std::vector<std::vector<ScoredItem>> recommend(const Context& ctx, const LoadedModel& loaded,
                                               std::span<const std::vector<int32_t>> histories, int64_t count,
                                               Seen seen) {
  if (histories.empty()) return {};
  Batch batch = pack_histories(histories, loaded.max_length);
  if (loaded.blank) batch = with_blank(batch, *loaded.blank, loaded.max_length);
  const Tensor hidden_BD =
      loaded.model->encode_rows(ctx, batch.on(ctx.device), last_rows(batch).to(ctx.device));
  SeenItems had;
  for (const int32_t index : batch.users) had.add_row(histories[static_cast<size_t>(index)]);
  auto best_B = top_items(ctx, hidden_BD, loaded.model->output_table(ctx), count, had, seen);

  std::vector<std::vector<ScoredItem>> best(histories.size());
  for (size_t b = 0; b < best_B.size(); ++b) best[static_cast<size_t>(batch.users[b])] = std::move(best_B[b]);
  return best;
}

std::vector<ScoredItem> similar(const Context& ctx, const Tensor& item_table_ID, int32_t item,
                                int64_t count) {
  const int64_t last = item_table_ID.rows() - 2;
  require(item >= 1 && item <= last, "item {} is not one of {} items", item, last);
  const Tensor unit_ID = unit_rows(item_table_ID.to(Device::cpu)).to(ctx.device);
  const Tensor x_1D = select_rows(ctx, unit_ID, Tensor::from({1}, std::vector<int32_t>{item}).to(ctx.device));
  SeenItems itself;
  itself.add_row(std::vector<int32_t>{item});
  return top_items(ctx, x_1D, unit_ID, count, itself, Seen::exclude).front();
}

}  // namespace cce
