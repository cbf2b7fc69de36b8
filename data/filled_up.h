// Plans of steps that are filled up, so that few sizes come up: a captured step can be started again only for
// the sizes it was captured with (engine/step_graph.h). What was there stays where it was; what comes behind
// it counts in no loss. All tensors are int32 and on the CPU.
#pragma once

#include "engine/tensor.h"

namespace cce {

/// Positions and rows are filled up to a multiple of this.
constexpr int64_t kFillMultiple = 128;
int64_t filled_up(int64_t count);

/// x with more numbers behind it.
Tensor with_more(const Tensor& x, int64_t more, int32_t number);

/// The offsets of `sequences` more, of padding, of which the last one ends at `positions`: each as long as
/// the others or one item shorter, so there may be empty ones among them.
Tensor with_padding(const Tensor& offsets_B1, int64_t positions, int64_t sequences);

/// `count` rows: those there are and, behind them, rows of the padding, which is [begin, end), or, where
/// there is none, the first ones once more.
Tensor with_more_rows(const Tensor& rows_P, int64_t count, int64_t begin, int64_t end);

}  // namespace cce
