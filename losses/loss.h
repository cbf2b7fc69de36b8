// A loss is two choices: which timestamps are looked at, and what is asked of the scores there (the
// criterion).
//
// The names of the paper are pairs of the two: CE is the softmax at the last timestamp, CCE the softmax at
// all of them, BCE the binary criterion at all. Every criterion goes with every choice of timestamps, and
// with every model.
#pragma once

#include <span>
#include <string>

#include "engine/context.h"
#include "engine/tensor.h"

namespace cce {

enum class Timestamps { last, all };
const char* name(Timestamps timestamps);

/// What a criterion looks at: P rows, each with the vector the model made of a sequence so far, and its next
/// item.
struct LossInput {
  Tensor hidden_PD;     ///< what the model says at a timestamp
  Tensor table_ID;      ///< item table: the score of item i at row p is hidden[p] . table[i]
  Tensor targets_P;     ///< int32, the item that came next
  Tensor negatives_PN;  ///< int32, N sampled other items; undefined for criteria that sample none
};

/// A criterion: LossInput -> the scalar to minimise, a mean over rows.
using Criterion = Tensor (*)(const Context& ctx, const LossInput& in);

struct Loss {
  const char* name;
  Timestamps timestamps;  ///< unless the user chooses otherwise
  Criterion criterion;
  int negatives;  ///< how many the criterion samples by default; 0: none
};

/// All losses there are.
std::span<const Loss> losses();
/// Throws a usage error, listing the names, if there is none of this name.
const Loss& loss_named(const std::string& name);

/// The rows of a batch that a loss looks at: of targets [T] (0: no target) those of positions with one, and
/// of these all, or the last of each sequence. int32 [P].
Tensor loss_rows(const Tensor& targets_T, const Tensor& offsets_B1, Timestamps timestamps);

/// ids[rows[p]]: int32 [T] and int32 [P] -> int32 [P].
Tensor select_ids(const Tensor& ids_T, const Tensor& rows_P);

}  // namespace cce
