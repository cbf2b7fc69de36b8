#include "engine/ops/target_ranks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/kernels/kernels.h"
#include "engine/ops/on_device.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kRowGrain = 48;

/// A score by the same chain of multiply-adds as in the product, hence with the same bits.
template <class T>
T score(int64_t width, const T* x, const T* w) {
  T total = 0;
  for (int64_t k = 0; k < width; ++k) total = std::fma(x[k], w[k], total);
  return total;
}

}  // namespace
}  // namespace cpu

void SeenItems::add_row(std::span<const int32_t> history) {
  const auto begin = static_cast<std::ptrdiff_t>(items.size());
  items.insert(items.end(), history.begin(), history.end());
  std::sort(items.begin() + begin, items.end());
  items.erase(std::unique(items.begin() + begin, items.end()), items.end());
  offsets.push_back(static_cast<int64_t>(items.size()));
}

namespace {

/// How many of `same` candidates that tie with the target rank before it.
int32_t ranked_before(int32_t same, Ties ties) {
  return ties == Ties::none ? 0 : ties == Ties::all ? same : (same + 1) / 2;
}

template <class T>
TargetRanks ranks_of(const Context& ctx, const Tensor& x_BD, const Tensor& table_ID,
                     const RankQuestions& questions, Seen treatment, Ties ties) {
  const int64_t rows = x_BD.rows(), width = x_BD.cols(), items = table_ID.rows();
  const T *const x = x_BD.data<T>(), *const table = table_ID.data<T>();
  TargetRanks result{std::vector<int32_t>(static_cast<size_t>(rows)), static_cast<int32_t>(items - 2), 0, 0};
  std::vector<uint8_t> tied(static_cast<size_t>(rows)), excluded(static_cast<size_t>(rows));
  std::vector<T> target_scores(static_cast<size_t>(rows));
  std::vector<cpu::RankCounts> counts(static_cast<size_t>(rows));
  ctx.parallel.ranges(rows, cpu::kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      T& target = target_scores[static_cast<size_t>(row)];
      target = cpu::score(width, x + row * width, table + questions.target(row) * width);
      require(std::isfinite(target),
              "the scores are not finite: the weights are damaged, or training diverged");
      if (questions.target_seen(row) && treatment == Seen::zero) target = 0;
      excluded[static_cast<size_t>(row)] = questions.target_seen(row) && treatment == Seen::exclude;
    }
  });
  cpu::count_ranks(ctx.parallel, x, table, rows, width, items, target_scores.data(), counts.data());
  ctx.parallel.ranges(rows, cpu::kRowGrain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const T target = target_scores[static_cast<size_t>(row)];
      cpu::RankCounts& count = counts[static_cast<size_t>(row)];
      const auto counted = [&](int64_t item) {
        return cpu::score(width, x + row * width, table + item * width);
      };
      count.count(counted(0), target, -1);
      count.count(counted(items - 1), target, -1);
      for (const int32_t item : questions.seen(row)) {
        if (treatment == Seen::keep) break;
        count.count(counted(item), target, -1);
        if (treatment == Seen::zero) count.count(T{0}, target, 1);
      }
      const bool out = excluded[static_cast<size_t>(row)] != 0;
      count.same -= out ? 0 : 1;  // the target itself
      tied[static_cast<size_t>(row)] = !out && count.same > 0;
      result.ranks_B[static_cast<size_t>(row)] =
          out ? result.candidates
              : static_cast<int32_t>(count.higher + ranked_before(static_cast<int32_t>(count.same), ties));
    }
  });
  result.tied = std::ranges::count(tied, 1);
  result.excluded = std::ranges::count(excluded, 1);
  return result;
}

/// The same on the GPU.
template <class T>
TargetRanks ranks_on_gpu(const Tensor& x_BD, const Tensor& table_ID, const RankQuestions& questions,
                         Seen treatment, Ties ties) {
  const int64_t rows = x_BD.rows();
  const RankQuestions::OnGpu& there = questions.on_gpu();
  const Tensor zeroed =
      treatment == Seen::zero ? there.target_seen_B : Tensor::zeros({rows}, DType::i32, Device::cuda);
  const Tensor scores = Tensor::empty({2, rows}, DType::f32, Device::cuda);
  const Tensor counts = Tensor::zeros({2, rows}, DType::i32, Device::cuda);
  cuda::count_target_ranks({.rows = rows,
                            .width = x_BD.cols(),
                            .items = table_ID.rows(),
                            .x = x_BD.data<T>(),
                            .table = table_ID.data<T>(),
                            .targets = there.targets_B.data<int32_t>(),
                            .zeroed = zeroed.data<int32_t>(),
                            .seen_offsets = there.seen_offsets_B1.data<int32_t>(),
                            .seen = there.seen.data<int32_t>(),
                            .keep = treatment == Seen::keep,
                            .zero = treatment == Seen::zero,
                            .target_scores = scores.data<T>(),
                            .plain_scores = scores.data<T>() + rows,
                            .higher = counts.data<int32_t>(),
                            .same = counts.data<int32_t>() + rows});
  const Tensor counted = counts.to(Device::cpu), scored = scores.to(Device::cpu);
  TargetRanks result{{}, static_cast<int32_t>(table_ID.rows() - 2), 0, 0};
  for (int64_t row = 0; row < rows; ++row) {
    require(std::isfinite(scored.data<T>()[rows + row]),
            "the scores are not finite: the weights are damaged, or training diverged");
    const bool out = treatment == Seen::exclude && questions.target_seen(row);
    const int32_t higher = counted.data<int32_t>()[row];
    const int32_t same = counted.data<int32_t>()[rows + row] - 1;  // without the target itself
    result.ranks_B.push_back(out ? result.candidates : higher + ranked_before(same, ties));
    result.excluded += out ? 1 : 0;
    result.tied += !out && same > 0 ? 1 : 0;
  }
  return result;
}

}  // namespace

RankQuestions::RankQuestions(const Tensor& targets_B, SeenItems seen, Device device)
    : targets_(targets_B.span<int32_t>().begin(), targets_B.span<int32_t>().end()), seen_(std::move(seen)) {
  require(std::ssize(seen_.offsets) == std::ssize(targets_) + 1,
          "[target_ranks] {} targets, and histories for {} rows", targets_.size(), seen_.offsets.size() - 1);
  const auto check = [this](const std::vector<int32_t>& items, const char* what) {
    for (const int32_t item : items) {
      require(item >= 1, "[target_ranks] {} {} is no item", what, item);
      largest_item_ = std::max(largest_item_, item);
    }
  };
  check(targets_, "target"), check(seen_.items, "seen item");
  for (size_t row = 0; row < targets_.size(); ++row) {
    const auto history = seen_.row(static_cast<int64_t>(row));
    target_seen_.push_back(std::ranges::binary_search(history, targets_[row]) ? 1 : 0);
  }
  if (device == Device::cpu) return;
  require(seen_.offsets.back() <= std::numeric_limits<int32_t>::max(), "[target_ranks] {} seen items at once",
          seen_.offsets.back());
  const auto there = [device](const std::vector<int32_t>& values) {
    return Tensor::from({std::ssize(values)}, values).to(device);
  };
  on_gpu_ = {.targets_B = there(targets_),
             .target_seen_B = there(target_seen_),
             .seen_offsets_B1 = there({seen_.offsets.begin(), seen_.offsets.end()}),
             .seen = there(seen_.items)};
  targets_ = {}, seen_ = {};
}

TargetRanks target_ranks(const Context& ctx, const Tensor& x_BD, const Tensor& table_ID,
                         const RankQuestions& questions, Seen treatment, Ties ties) {
  const int64_t items = table_ID.rows(), width = x_BD.cols();
  require(table_ID.shape() == Shape{items, width} && items >= 3,
          "[target_ranks] expected a table of width {} with at least one item, got shape {}", width,
          table_ID.shape());
  require(questions.rows() == x_BD.rows(), "[target_ranks] expected questions for {} rows, got {}",
          x_BD.rows(), questions.rows());
  require(questions.largest_item() <= items - 2, "[target_ranks] item {} is not one of {}",
          questions.largest_item(), items - 2);
  return visit_real(x_BD.dtype(), "target_ranks", [&]<class T>() {
    if constexpr (kCudaBuilt && std::same_as<T, float>) {
      if (ctx.device == Device::cuda) return ranks_on_gpu<T>(x_BD, table_ID, questions, treatment, ties);
    }
    return ranks_of<T>(ctx, x_BD, table_ID, questions, treatment, ties);
  });
}

TargetRanks target_ranks(const Context& ctx, const Tensor& x_BD, const Tensor& table_ID,
                         const Tensor& targets_B, const SeenItems& seen, Seen treatment, Ties ties) {
  return target_ranks(ctx, x_BD, table_ID, RankQuestions(targets_B, seen, ctx.device), treatment, ties);
}

}  // namespace cce
