// Full-ranking evaluation of a model on a split.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/split.h"
#include "engine/ops/target_ranks.h"
#include "models/model.h"
#include "tools/run_records.h"

namespace cce {

struct Evaluation {
  Metrics metrics;             ///< means over users
  std::vector<int32_t> ranks;  ///< by user: 0 is best; the number of items where the target was no candidate
  int64_t tied = 0, excluded = 0;  ///< users whose target tied with another item; whose target was excluded
};

/// Ranks all items for every user of the data set: the model reads the last `max_length` items before the
/// split's answer, and the answer's place among all candidates is its rank (see target_ranks.h). A model that
/// was trained on masked batches is shown `blank` after those items, which it is to fill in (see
/// data/masking.h). Throws Stopped where a signal asks for it (see signals.h).
Evaluation evaluate(Parallel& parallel, const Model& model, const Dataset& dataset, Split split,
                    int max_length, Seen seen, std::optional<int32_t> blank = {});

/// HR@k = share of ranks below k; NDCG@k = mean of 1 / log2(rank + 2) over ranks below k, 0 elsewhere; MRR =
/// mean of 1 / (rank + 1). A rank of `candidates` or more is a miss in all of them.
Metrics metrics_of(const std::vector<int32_t>& ranks, int32_t candidates);

/// "exclude", "zero" or "keep".
Seen seen_named(const std::string& name);

}  // namespace cce
