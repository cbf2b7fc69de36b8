// What a trained model says comes next, for any histories.
#pragma once

#include <span>
#include <vector>

#include "engine/context.h"
#include "engine/ops/top_items.h"
#include "tools/loaded_model.h"

namespace cce {

/// For each history, of at least one item from 1 to the model's last, the `count` items that the model scores
/// highest behind it, best first (see top_items.h). The model reads a history's last max_length items; `seen`
/// looks at all of them. Scores are those that evaluate() ranks by. The model is on ctx.device.
std::vector<std::vector<ScoredItem>> recommend(const Context& ctx, const LoadedModel& loaded,
                                               std::span<const std::vector<int32_t>> histories, int64_t count,
                                               Seen seen);

/// The `count` items whose embeddings have the greatest cosine with that of `item`, which is not among them.
/// Throws where there is no such item.
std::vector<ScoredItem> similar(const Context& ctx, const Tensor& item_table_ID, int32_t item, int64_t count);

}  // namespace cce
