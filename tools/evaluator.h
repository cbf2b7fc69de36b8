// Full-ranking evaluation of a model on a split.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/split.h"
#include "models/model.h"
#include "tools/metrics.h"
#include "tools/questions.h"
#include "tools/timestamp_metrics.h"

namespace cce {

/// How answers are ranked.
struct RankingRules {
  Seen seen = Seen::exclude;
  Ties ties = Ties::half;
};

struct Evaluation {
  Metrics metrics;             ///< means over users
  std::vector<int32_t> ranks;  ///< by user: 0 is best; the number of items where the target was no candidate
  int64_t tied = 0, excluded = 0;  ///< users whose target tied with another item; whose target was excluded
};

/// Ranks all items for every user of the data set: the model reads the last `max_length` items before the
/// split's answer, and the answer's place among all candidates is its rank (see target_ranks.h). A model that
/// was trained on masked batches is shown `blank` after those items, which it is to fill in (see
/// data/masking.h). Throws Stopped where a signal asks for it (see signals.h).
Evaluation evaluate(Parallel& parallel, const Model& model, SplitQuestions& questions, RankingRules rules);
/// Of questions that are asked once.
Evaluation evaluate(Parallel& parallel, const Model& model, const Dataset& dataset, Split split,
                    int max_length, RankingRules rules, std::optional<int32_t> blank = {});

/// Ranks all items at every timestamp of every user's last `max_length` targets, ascending and without those
/// that no user has: the test item, the validation item, both as evaluate() ranks them, and before them the
/// targets of training, which are asked for as training does, at all positions of one reading of the training
/// sequence (of a model with a `blank`, by a reading of each prefix). What a user had before the timestamp's
/// target counts as seen.
std::vector<TimestampMetrics> evaluate_by_timestamp(Parallel& parallel, const Model& model,
                                                    const Dataset& dataset, int max_length,
                                                    RankingRules rules, std::optional<int32_t> blank = {});

/// "exclude", "zero" or "keep".
Seen seen_named(const std::string& name);
/// "half", "none" or "all".
Ties ties_named(const std::string& name);

}  // namespace cce
