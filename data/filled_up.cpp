#include "data/filled_up.h"

#include <algorithm>

namespace cce {

int64_t filled_up(int64_t count) {
  return (count + kFillMultiple - 1) / kFillMultiple * kFillMultiple;
}

Tensor with_more(const Tensor& x, int64_t more, int32_t number) {
  const Tensor longer = Tensor::empty({x.size() + more}, DType::i32);
  std::fill_n(std::ranges::copy(x.span<int32_t>(), longer.data<int32_t>()).out, more, number);
  return longer;
}

Tensor with_padding(const Tensor& offsets_B1, int64_t positions, int64_t most, int64_t max_length) {
  const int64_t sequences = (most + max_length - 1) / max_length;
  const int64_t pads = positions - offsets_B1.span<int32_t>().back();
  Tensor filled = with_more(offsets_B1, sequences, 0);
  int32_t* end = filled.data<int32_t>() + offsets_B1.size();
  for (int64_t s = 0; s < sequences; ++s, ++end) {
    *end = end[-1] + static_cast<int32_t>(pads / sequences + (s < pads % sequences ? 1 : 0));
  }
  return filled;
}

Tensor repeated_rows(const Tensor& rows_P, int64_t count) {
  const int64_t there = rows_P.size();
  const Tensor longer = with_more(rows_P, count - there, 0);
  int32_t* const row = longer.data<int32_t>();
  for (int64_t p = there; p < count; ++p) row[p] = row[p - there];
  return longer;
}

}  // namespace cce
