#include "engine/ops/top_items.h"

#include <algorithm>
#include <cmath>

#include "engine/cuda/built.h"
#include "engine/kernels/kernels.h"
#include "engine/ops/cuda_ops.h"

namespace cce {
namespace {

/// The list with the row's seen items in it, which score 0.
template <class Entry>
void insert_zeros(std::vector<Entry>& best, std::span<const int32_t> seen, int64_t count) {
  for (const int32_t item : seen) best.push_back({item, 0});
  std::sort(best.begin(), best.end());
  best.resize(std::min(best.size(), static_cast<size_t>(count)));
}

/// Throws unless a row's list is as long as it can be, and all finite.
void require_finite(const std::vector<ScoredItem>& best, int64_t expected) {
  const bool complete = std::ssize(best) == expected;
  require(complete && std::ranges::all_of(best, [](const auto& entry) { return std::isfinite(entry.score); }),
          "the scores are not finite: the weights are damaged, or training diverged");
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
    for (const auto& [item, score] : entries) result[static_cast<size_t>(row)].push_back({item, score});
    require_finite(result[static_cast<size_t>(row)], std::min(count, candidates - left_out));
  }
  return result;
}

/// The same on the GPU, which has x and the table; it finds the best, and they are put in order here.
std::vector<std::vector<ScoredItem>> top_on_gpu(const Tensor& x_BD, const Tensor& table_ID, int64_t count,
                                                const SeenItems& seen, Seen treatment) {
  const int64_t rows = x_BD.rows(), items = table_ID.rows(), found = std::min(count, items - 2);
  const auto on_gpu = [](const std::vector<int32_t>& values) {
    return Tensor::from({std::ssize(values)}, values).to(Device::cuda);
  };
  const Tensor seen_offsets = on_gpu({seen.offsets.begin(), seen.offsets.end()}),
               seen_items = on_gpu(seen.items);
  const Tensor best_items = Tensor::empty({rows, found}, DType::i32, Device::cuda);
  const Tensor best_scores = Tensor::empty({rows, found}, DType::f32, Device::cuda);
  cuda::find_top_items({.rows = rows,
                        .width = x_BD.cols(),
                        .items = items,
                        .count = found,
                        .x = x_BD.data<float>(),
                        .table = table_ID.data<float>(),
                        .seen_offsets = seen_offsets.data<int32_t>(),
                        .seen = seen_items.data<int32_t>(),
                        .keep = treatment == Seen::keep,
                        .zero = treatment == Seen::zero,
                        .best_items = best_items.data<int32_t>(),
                        .best_scores = best_scores.data<float>()});
  const Tensor ids = best_items.to(Device::cpu), scores = best_scores.to(Device::cpu);
  std::vector<std::vector<ScoredItem>> result(static_cast<size_t>(rows));
  for (int64_t row = 0; row < rows; ++row) {
    std::vector<ScoredItem>& best = result[static_cast<size_t>(row)];
    for (int64_t i = row * found; i < (row + 1) * found; ++i)
      best.push_back({ids.data<int32_t>()[i], static_cast<double>(scores.data<float>()[i])});
    // What is not finite goes last, so that a NaN does not spoil the order.
    std::ranges::sort(best, [](const ScoredItem& a, const ScoredItem& b) {
      if (std::isnan(a.score) || std::isnan(b.score)) return !std::isnan(a.score);
      return a.score != b.score ? a.score > b.score : a.item < b.item;
    });
    const int64_t left_out = treatment == Seen::exclude ? std::ssize(seen.row(row)) : 0;
    best.resize(static_cast<size_t>(std::min(found, items - 2 - left_out)));
    require_finite(best, std::ssize(best));
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
  return visit_real(x_BD.dtype(), "top_items", [&]<class T>() {
    if constexpr (kCudaBuilt && std::same_as<T, float>) {
      if (ctx.device == Device::cuda) return top_on_gpu(x_BD, table_ID, count, seen, treatment);
    }
    return top_of<T>(ctx, x_BD, table_ID, count, seen, treatment);
  });
}

}  // namespace cce
