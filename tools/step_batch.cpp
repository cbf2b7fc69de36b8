#include "tools/step_batch.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace cce {
namespace {

constexpr int64_t kMultiple = 128;

int64_t filled_up(int64_t count) {
  return (count + kMultiple - 1) / kMultiple * kMultiple;
}

/// x [count, ...] with 0s behind.
Tensor with_zeros(const Tensor& x, int64_t count) {
  const Tensor longer = Tensor::zeros({count}, DType::i32);
  std::ranges::copy(x.span<int32_t>(), longer.data<int32_t>());
  return longer;
}

/// As many sequences as may be needed, each as long as the others or one item shorter; empty ones among them.
Batch filled_up(const Batch& batch, int64_t max_length) {
  const int64_t positions = batch.positions(), sequences = (kMultiple + max_length - 1) / max_length;
  const int64_t pads = filled_up(positions) - positions;
  Batch filled{.items_T = with_zeros(batch.items_T, positions + pads),
               .positions_T = with_zeros(batch.positions_T, positions + pads),
               .offsets_B1 = with_zeros(batch.offsets_B1, batch.offsets_B1.size() + sequences)};
  int32_t* position = filled.positions_T.data<int32_t>() + positions;
  int32_t* end = filled.offsets_B1.data<int32_t>() + batch.offsets_B1.size();
  for (int64_t s = 0; s < sequences; ++s, ++end) {
    const auto length = static_cast<int32_t>(pads / sequences + (s < pads % sequences ? 1 : 0));
    std::iota(position, position + length, static_cast<int32_t>(max_length) - length);
    position += length;
    *end = end[-1] + length;
  }
  return filled;
}

/// x [P] or [P, N] with its own rows once more behind it: so no row is there more often than others, which
/// those would have to wait for who add up all that goes to one item.
template <class T>
Tensor repeated(const Tensor& x, int64_t rows) {
  if (!x.defined()) return x;
  const int64_t size = x.size(), cols = x.shape().rank() == 2 ? x.cols() : 1;
  const Tensor longer = Tensor::empty(x.shape().rank() == 2 ? Shape{rows, cols} : Shape{rows}, x.dtype());
  for (int64_t at = 0; at < rows * cols; at += size) {
    std::copy_n(x.data<T>(), std::min(size, rows * cols - at), longer.data<T>() + at);
  }
  return longer;
}

/// Rows for the loss to look at without counting them: of the padding, or, where there is none, any.
Tensor with_more_rows(const Tensor& rows_P, int64_t count, int64_t positions) {
  const Tensor longer = repeated<int32_t>(rows_P, count);
  const int64_t pads = filled_up(positions) - positions;
  for (int64_t p = rows_P.size(); pads > 0 && p < count; ++p) {
    longer.data<int32_t>()[p] = static_cast<int32_t>(positions + (p - rows_P.size()) % pads);
  }
  return longer;
}

}  // namespace

std::vector<Tensor> StepBatch::tensors() const {
  return {batch.items_T, batch.positions_T, batch.offsets_B1,     rows_P,
          targets_P,     negatives.items,   negatives.penalty_PN, negatives.log_expected_PN};
}

StepBatch StepBatch::of(const std::vector<Tensor>& t) {
  require(t.size() == 8, "[step batch] expected 8 tensors, got {}", t.size());
  return {.batch = {.items_T = t[0], .positions_T = t[1], .offsets_B1 = t[2]},
          .rows_P = t[3],
          .targets_P = t[4],
          .negatives = {.items = t[5], .penalty_PN = t[6], .log_expected_PN = t[7]}};
}

StepBatch filled_up(const StepBatch& step, int64_t max_length) {
  const int64_t positions = step.batch.positions(), rows = filled_up(step.targets_P.size());
  StepBatch filled{.batch = filled_up(step.batch, max_length),
                   .targets_P = repeated<int32_t>(step.targets_P, rows),
                   .negatives = step.negatives};
  if (step.rows_P.defined()) filled.rows_P = with_more_rows(step.rows_P, rows, positions);
  Negatives& negatives = filled.negatives;
  if (negatives.items.defined() && negatives.items.shape().rank() == 2) {  // else they are all rows'
    negatives.items = repeated<int32_t>(negatives.items, rows);
  }
  negatives.penalty_PN = repeated<float>(negatives.penalty_PN, rows);
  negatives.log_expected_PN = repeated<float>(negatives.log_expected_PN, rows);
  return filled;
}

}  // namespace cce
