// The operations that losses are made of, on both devices.
#include <doctest/doctest.h>

#include "engine/ops/ops.h"
#include "tests/gpu/same_on_both.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

using In = std::vector<Tensor>;

}  // namespace

TEST_CASE("gpu: candidate_scores, with the same candidate several times") {
  const auto f = [](const Context& ctx, const In& in) { return candidate_scores(ctx, in[0], in[1], in[2]); };
  const Tensor candidates = Tensor::from<int32_t>({3, 4}, {0, 4, 4, 1, 2, 0, 3, 3, 1, 1, 1, 1});
  CHECK(gpu_error(f, {random_floats({3, 40}, 12), random_floats({5, 40}, 13), candidates}) < kRounding);
  std::vector<int32_t> many;
  for (int32_t i = 0; i < 150 * 29; ++i)
    many.push_back(i * i % 311);  // so many that ids go through a radix sort
  CHECK(gpu_error(f, {random_floats({150, 6}, 12), random_floats({311, 6}, 13),
                      Tensor::from({150, 29}, many)}) < kRounding);
}

TEST_CASE("gpu: ndcg_deltas, also of equal scores") {
  const auto f = [](const Context& ctx, const In& in) {
    return add(ctx, ndcg_deltas(ctx, in[0], in[1]), affine(ctx, in[1], 0));
  };
  Tensor negatives = random_floats({9, 30}, 31);
  const Tensor positives = random_floats({9, 1}, 30);
  for (float& score : negatives.span<float>()) score = static_cast<float>(static_cast<int>(score * 8)) / 8;
  positives.span<float>()[3] = negatives.span<float>()[3 * 30 + 7];
  CHECK(gpu_error(f, {positives, negatives}) < kRounding);
}

TEST_CASE("gpu: linear_cross_entropy, in one chunk of rows and in several, also with large scores") {
  const auto f = [](const Context& ctx, const In& in) {
    return linear_cross_entropy(ctx, in[0], in[1], in[2]);
  };
  const Tensor targets = ids({2, 0, 6, 2, 5});
  for (const double scale : {1.0, 8.0}) {
    CHECK(gpu_error(f, {random_floats({5, 4}, 20, scale), random_floats({7, 4}, 21, scale), targets}) <
          kRounding);
  }
  // 60,000 items: 240 KB of scores a row, so 104 rows to a chunk.
  std::vector<int32_t> many;
  for (int32_t i = 0; i < 110; ++i) many.push_back(i * 541 % 60000);
  CHECK(gpu_error(f, {random_floats({110, 2}, 20), random_floats({60000, 2}, 21), ids(many)}) < kRounding);
}

TEST_CASE("gpu: linear_multi_label, with rows that have no label and many") {
  const auto f = [](const Context& ctx, const In& in) {
    return linear_multi_label(ctx, in[0], in[1], in[2], {in[3], in[4]});
  };
  std::vector<int32_t> labels{1, 4, 0};
  for (int32_t label = 0; label < 300; ++label) labels.push_back(label);
  CHECK(gpu_error(f, {random_floats({5, 4}, 20, 3), random_floats({310, 4}, 21, 3), ids({3, 0, 1, 0, 2}),
                      ids({0, 2, 2, 3, 303}), ids(labels)}) < kRounding);
}

}  // namespace cce::test
