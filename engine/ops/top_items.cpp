#include "engine/ops/top_items.h"

#include <algorithm>
#include <cmath>

#include "engine/kernels/kernels.h"

namespace cce {
namespace {

/// The list with the row's seen items in it, which score 0.
template <class Entry>
void insert_zeros(std::vector<Entry>& best, std::span<const int32_t> seen, int64_t count) {
  for (const int32_t item : seen) best.push_back({item, 0});
  std::sort(best.begin(), best.end());
  best.resize(std::min(best.size(), static_cast<size_t>(count)));
}

template <class T>
std::vector<std::vector<ScoredItem>> top_of(const Context& ctx, const Tensor& x_BD, const Tensor& table_ID,
                                            int64_t count, const SeenItems& seen, Seen treatment) {
  const int64_t rows = x_BD.rows(), candidates = table_ID.rows() - 2;
  const SeenItems nothing{std::vector<int64_t>(static_cast<size_t>(rows) + 1, 0), {}};
  std::vector<cpu::TopList<T>> best(static_cast<size_t>(rows), cpu::TopList<T>(std::min(count, candidates)));
  cpu::top_items<T>(ctx.parallel,
                    {.x_BD = x_BD.data<T>(),
                     .table_ID = table_ID.data<T>(),
                     .rows = rows,
                     .width = x_BD.cols(),
                     .items = table_ID.rows(),
                     .excluded = [](const void* context,
                                    int64_t row) { return static_cast<const SeenItems*>(context)->row(row); },
                     .context = treatment == Seen::keep ? &nothing : &seen,
                     .best_B = best.data()});
  std::vector<std::vector<ScoredItem>> result(static_cast<size_t>(rows));
  for (int64_t row = 0; row < rows; ++row) {
    auto entries = std::move(best[static_cast<size_t>(row)]).sorted();
    const std::span<const int32_t> history = seen.row(row);
    if (treatment == Seen::zero) insert_zeros(entries, history, count);
    const int64_t left_out = treatment == Seen::exclude ? std::ssize(history) : 0;
    const bool complete = std::ssize(entries) == std::min(count, candidates - left_out);
    require(complete && std::ranges::all_of(entries, [](const auto& e) { return std::isfinite(e.score); }),
            "the scores are not finite: the weights are damaged, or training diverged");
    for (const auto& [item, score] : entries) result[static_cast<size_t>(row)].push_back({item, score});
  }
  return result;
}

}  // namespace

std::vector<std::vector<ScoredItem>> top_items(const Context& ctx, const Tensor& x_BD, const Tensor& table_ID,
                                               int64_t count, const SeenItems& seen, Seen treatment) {
  const int64_t rows = x_BD.rows(), width = x_BD.cols(), items = table_ID.rows();
  require(table_ID.shape() == Shape{items, width} && items >= 3,
          "[top_items] expected a table of width {} with at least one item, got shape {}", width,
          table_ID.shape());
  require(count >= 1, "[top_items] expected a count of at least 1, got {}", count);
  require(static_cast<int64_t>(seen.offsets.size()) == rows + 1,
          "[top_items] expected histories for {} rows, got {}", rows, seen.offsets.size() - 1);
  for (const int32_t item : seen.items) {
    require(item >= 1 && item <= items - 2, "[top_items] seen item {} is not one of {} items", item,
            items - 2);
  }
  return visit_real(x_BD.dtype(), "top_items",
                    [&]<class T>() { return top_of<T>(ctx, x_BD, table_ID, count, seen, treatment); });
}

}  // namespace cce
