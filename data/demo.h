// `demo`: a data set that is made up, always the same, and whose best possible metrics are known.
//
// A planted Markov process. Each item has a handful of likely successors; a user's next item is drawn from
// those of the last item, restricted to items that the user has not had:
//   p(j | history) = P(last, j) / sum over unseen k of P(last, k)
// Whoever knows P cannot do better than to rank the unseen items by this probability, so
//   best NDCG@k = mean over users of sum_{r < k} p_(r) / log2(r + 2),   best HR@k = mean of sum_{r < k} p_(r)
// with p_(0) >= p_(1) >= ... the sorted probabilities given the user's history. No model can expect more; one
// that learned the process comes close.
#pragma once

#include <span>
#include <vector>

#include "data/attributes.h"
#include "data/dataset.h"
#include "data/split.h"

namespace cce {

Dataset demo_dataset();

/// The attributes of the demo's items: the group an item belongs to (likely successors come from the same
/// group or the next one), and a few more that items of a group share. Ids from 1.
Attributes demo_attributes();

/// p(j | history) for every row of the item table: 0 for padding, mask token and seen items, and 1 in sum.
std::vector<double> demo_next_item_probabilities(std::span<const int32_t> history);

struct BestPossible {
  double hr;
  double ndcg;
};
/// The expected HR@k and NDCG@k of the best possible ranking of the demo's unseen items, over all users of
/// `split`.
BestPossible demo_best_possible(Split split, int k);

}  // namespace cce
