#include "losses/loss.h"

#include <algorithm>
#include <array>
#include <vector>

#include "losses/criteria.h"

namespace cce {
namespace {

constexpr std::array kLosses = {
    Loss{"cce", Timestamps::all, softmax_cross_entropy, 0},
    Loss{"ce", Timestamps::last, softmax_cross_entropy, 0},
    Loss{"bce", Timestamps::all, binary_cross_entropy, 1},
};

}  // namespace

const char* name(Timestamps timestamps) {
  return timestamps == Timestamps::last ? "last" : "all";
}

std::span<const Loss> losses() {
  return kLosses;
}

const Loss& loss_named(const std::string& name) {
  std::string known;
  for (const Loss& loss : kLosses) {
    if (name == loss.name) return loss;
    known += known.empty() ? loss.name : std::string(", ") + loss.name;
  }
  fail_usage("there is no loss \"{}\" (there are: {})", name, known);
}

Tensor loss_rows(const Tensor& targets_T, const Tensor& offsets_B1, Timestamps timestamps) {
  const auto targets = targets_T.span<int32_t>();
  const auto offsets = offsets_B1.span<int32_t>();
  std::vector<int32_t> rows;
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    for (int32_t row = offsets[b + 1] - 1; row >= offsets[b]; --row) {
      if (targets[static_cast<size_t>(row)] == 0) continue;
      rows.push_back(row);
      if (timestamps == Timestamps::last) break;
    }
  }
  std::ranges::sort(rows);
  return Tensor::from({static_cast<int64_t>(rows.size())}, rows);
}

Tensor select_ids(const Tensor& ids_T, const Tensor& rows_P) {
  Tensor selected = Tensor::empty(rows_P.shape(), DType::i32);
  const int32_t* const ids = ids_T.data<int32_t>();
  std::ranges::transform(rows_P.span<int32_t>(), selected.data<int32_t>(),
                         [ids](int32_t row) { return ids[row]; });
  return selected;
}

}  // namespace cce
