// A loss is two choices: which timestamps are looked at, and what is asked of the scores there (the
// criterion).
//
// The names of the paper are pairs of the two: CE is the softmax at the last timestamp, CCE the softmax at
// all of them, MLM the softmax at hidden ones, BCE the binary criterion at all. Any criterion goes with any
// timestamps and any model, but for two things: a bidirectional model is asked at hidden items only, and each
// pair with the softmax has a name of its own. "The paper" is named in README.md.
#pragma once

#include <array>
#include <span>
#include <string>

#include "data/negatives.h"
#include "engine/context.h"
#include "engine/tensor.h"

namespace cce {

enum class Timestamps {
  last,    ///< the last position of each sequence: predict the next item
  all,     ///< every position: predict the next item
  masked,  ///< hidden positions: predict the item that was hidden there (data/masking.h)
};
const char* name(Timestamps timestamps);
/// "last", "all" or "masked"; throws a usage error for anything else.
Timestamps timestamps_named(const std::string& name);

/// What a criterion looks at: P rows, each with the vector the model made of a sequence, and the item that
/// belongs there.
struct LossInput {
  Tensor hidden_PD;     ///< [P, D]: what the model says at a timestamp
  Tensor table_ID;      ///< Model::output_table, [I, D]: the score of item i at row p is hidden[p] . table[i]
  Tensor targets_P;     ///< int32 [P], the right item
  Negatives negatives;  ///< wrong items, N for each row; empty for criteria that sample none
  int64_t items = 0;    ///< how many there are to choose from: the table's rows without padding and mask
};

/// How TOP1 and the max forms put their pairs together.
enum class PairForm {
  paper,    ///< Eq. 8, 11 and 12, regularised as in the official GRU4Rec
  authors,  ///< as in the code of the paper's authors: see losses/pairwise.h
};

/// What some losses can be told beyond their name; each is a command-line option. The defaults are the
/// papers' forms.
struct LossOptions {
  /// Weight of the regularisation of scores in the official GRU4Rec (there 1, called bpreg in BPR-max).
  double score_regularization = 0;
  /// Scores pass through ELU with this alpha before they are compared (official GRU4Rec: 0.5); 0: they do
  /// not.
  double score_elu = 0;
  /// t of gBCE: 0 is plain BCE, 1 is calibrated so that probabilities are those of a full softmax, if
  /// negatives are uniform.
  double calibration = 0.75;
  /// How much of the logQ correction the sampled softmax applies: 1 all of it, 0 none.
  double logq = 1;
  PairForm pair_form = PairForm::paper;
};

/// A criterion: LossInput -> the scalar to minimise, a mean over rows.
using Criterion = Tensor (*)(const Context& ctx, const LossInput& in, const LossOptions& options);

struct Loss {
  const char* name;
  Timestamps timestamps;  ///< unless the user chooses otherwise
  Criterion criterion;
  int negatives;  ///< how many the criterion samples by default; 0: none
  /// The numbers of LossOptions that it looks at, two at most; null: no more.
  std::array<double LossOptions::*, 2> options{};
  bool has_pair_forms = false;  ///< whether it looks at LossOptions::pair_form

  bool takes(double LossOptions::*option) const;
};

/// All losses there are: the one list of names, defaults and options.
std::span<const Loss> losses();
/// Throws a usage error, listing the names, if there is none of this name.
const Loss& loss_named(const std::string& name);
/// The loss that is `loss` over other timestamps under a name of its own, as CCE is CE's over all; null if it
/// keeps its name.
const Loss* counterpart(const Loss& loss, Timestamps timestamps);

}  // namespace cce
