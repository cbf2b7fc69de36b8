// Plans of steps that are filled up, so that few sizes come up: a captured step can be started again only for
// the sizes it was captured with (engine/step_graph.h). What was there stays where it was; what comes behind
// it counts in no loss. All tensors are int32 and on the CPU.
#pragma once

#include "engine/tensor.h"

namespace cce {

constexpr int64_t kFillMultiple = 128;
/// The next multiple of it.
int64_t filled_up(int64_t count);

/// x with more numbers behind it.
Tensor with_more(const Tensor& x, int64_t more, int32_t number);

/// The offsets with those of some more sequences, of padding, behind them, of which the last one ends at
/// `positions`: as many as fewer than `most` positions may need where a sequence has at most `max_length`,
/// each as long as the others or one item shorter, so there may be empty ones among them.
Tensor with_padding(const Tensor& offsets_B1, int64_t positions, int64_t most, int64_t max_length);

/// `count` rows: those there are, at least one, again and again. So rows that do not count go to no place
/// that others do not go to, and to none much more often.
Tensor repeated_rows(const Tensor& rows_P, int64_t count);

}  // namespace cce
