// The operations that layers are made of, on both devices.
#include <doctest/doctest.h>

#include <numeric>

#include "engine/ops/ops.h"
#include "tests/gpu/same_on_both.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

using In = std::vector<Tensor>;

/// `count` ids below `bound`, some of them often.
std::vector<int32_t> some_ids(int64_t count, int32_t bound) {
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < count; ++i) ids.push_back(static_cast<int32_t>(i * i * 7 % bound));
  return ids;
}

}  // namespace

TEST_CASE("gpu: linear, with and without bias") {
  const auto f = [](const Context& ctx, const In& in) {
    return linear(ctx, in[0], in[1], in.size() > 2 ? in[2] : Tensor());
  };
  CHECK(gpu_error(f, {random_floats({131, 20}, 8), random_floats({11, 20}, 9), random_floats({11}, 10)}) <
        kRounding);
  CHECK(gpu_error(f, {random_floats({13, 5}, 8), random_floats({300, 5}, 9)}) < kRounding);
  CHECK(gpu_error(f, {random_floats({1, 1}, 8), random_floats({1, 1}, 9)}) < kRounding);
}

TEST_CASE("gpu: embedding and select_rows, with repeated ids and a padding row") {
  for (const int32_t rows : {1, 16, 17, 300}) {  // none, one, two and three digits to sort by
    CAPTURE(rows);
    const Tensor chosen = ids(some_ids(rows == 17 ? 1 : 133, rows));
    const Tensor table = random_floats({rows, 37}, 11);
    const auto padded = [](const Context& ctx, const In& in) { return embedding(ctx, in[0], in[1], 0); };
    const auto selected = [](const Context& ctx, const In& in) { return select_rows(ctx, in[0], in[1]); };
    CHECK(gpu_error(padded, {table, chosen}) < kRounding);
    CHECK(gpu_error(selected, {table, chosen}) < kRounding);
  }
}

TEST_CASE("gpu: layer_norm of rows narrower and wider than a warp") {
  const auto f = [](const Context& ctx, const In& in) { return layer_norm(ctx, in[0], in[1], in[2], 1e-12); };
  for (const int64_t width : {3, 64, 150}) {
    CHECK(gpu_error(f, {random_floats({70, width}, 15), random_floats({width}, 16),
                        random_floats({width}, 17)}) < kRounding);
  }
}

TEST_CASE("gpu: gru, with both reset gates, given initial states and sequences of length one") {
  for (const ResetGate reset : {ResetGate::after, ResetGate::before}) {
    const auto f = [reset](const Context& ctx, const In& in) {
      return gru(ctx, in[0], in[1], in[2], {.initial_BH = in.size() > 3 ? in[3] : Tensor(), .reset = reset});
    };
    const Tensor offsets = ids({0, 7, 12, 15, 16, 17});  // five sequences: two full blocks and a half
    CHECK(gpu_error(f, {random_floats({17, 60}, 18), random_floats({60, 20}, 19), offsets}) < kRounding);
    CHECK(gpu_error(f, {random_floats({17, 60}, 18), random_floats({60, 20}, 19), offsets,
                        random_floats({5, 20}, 20)}) < kRounding);
    CHECK(gpu_error(f, {random_floats({1, 3}, 18), random_floats({3, 1}, 19), ids({0, 1})}) < kRounding);
    // More units than a block has threads, and sequences without a single item at the end.
    CHECK(gpu_error(f, {random_floats({3, 1200}, 18), random_floats({1200, 400}, 19, 0.1),
                        ids({0, 2, 3, 3})}) < kRounding);
  }
}

TEST_CASE("gpu: the widest gru and the widest head there may be, and what is said of wider ones") {
  const auto recurrent = [](const Context& ctx, const In& in) { return gru(ctx, in[0], in[1], in[2], {}); };
  CHECK(gpu_error(recurrent, {random_floats({3, 3072}, 18), random_floats({3072, 1024}, 19, 0.05),
                              ids({0, 2, 3})}) < kRounding);
  const auto one_head = [](const Context& ctx, const In& in) {
    return attention(ctx, in[0], in[1], in[2], in[3], {.heads = 1});
  };
  const auto attended = [&](int64_t width) {
    return gpu_error(one_head, {random_floats({5, width}, 22), random_floats({5, width}, 23),
                                random_floats({5, width}, 24), ids({0, 3, 5})});
  };
  CHECK(attended(256) < kRounding);
  CHECK_THROWS_WITH_AS(attended(257),
                       "[attention] a head is 257 wide, and on a GPU at most 256; use --device cpu", Error);
  CHECK_THROWS_WITH_AS(
      compute_on(Device::cuda, recurrent,
                 {random_floats({1, 3075}, 18), random_floats({3075, 1025}, 19), ids({0, 1})}),
      "[gru] a state is 1025 wide, and on a GPU at most 1024; use --device cpu", Error);
}

TEST_CASE("gpu: gru computes the same of each sequence, whichever come first") {
  const auto of_order = [](const std::vector<int32_t>& order, const std::vector<int32_t>& offsets,
                           const std::vector<int32_t>& back) {
    const auto f = [](const Context& ctx, const In& in) {
      return select_rows(ctx, gru(ctx, select_rows(ctx, in[0], in[2]), in[1], in[3]), in[4]);
    };
    return compute_on(
        Device::cuda, f,
        {random_floats({12, 60}, 18), random_floats({60, 20}, 19), ids(order), ids(offsets), ids(back)});
  };
  const std::vector<int32_t> all{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const Computed sorted = of_order(all, {0, 7, 9, 11, 12, 12}, all);
  const Computed turned =
      of_order({7, 8, 11, 9, 10, 0, 1, 2, 3, 4, 5, 6}, {0, 2, 3, 5, 12, 12},  // 2 and then 7 in a block
               {5, 6, 7, 8, 9, 10, 11, 0, 1, 3, 4, 2});
  CHECK(relative_error(turned.output, sorted.output) == 0);
  CHECK(relative_error(turned.gradients[0], sorted.gradients[0]) == 0);
  CHECK(relative_error(turned.gradients[1], sorted.gradients[1]) < kRounding);
}

TEST_CASE("gpu: states_before, of sequences of every length, of no item, and of several of one length") {
  const auto f = [](const Context& ctx, const In& in) { return states_before(ctx, in[0], in[1]); };
  CHECK(gpu_error(f, {random_floats({4, 37}, 18), ids({0, 4, 7, 9, 11, 12, 12})}) < kRounding);
}

TEST_CASE("gpu: attention, causal and bidirectional, with and without dropout, in long and short sequences") {
  const Tensor offsets =
      ids({0, 70, 103, 135, 140, 141});  // chunks of 32 keys: two and a part, one and a key, one
  for (const bool causal : {true, false}) {
    for (const double p : {0.0, 0.4}) {
      CAPTURE(causal);
      CAPTURE(p);
      const AttentionOptions options{.heads = 2, .causal = causal, .dropout = p, .layer = 3};
      const auto f = [&](const Context& ctx, const In& in) {
        return attention(ctx, in[0], in[1], in[2], in[3], options);
      };
      CHECK(gpu_error(f,
                      {random_floats({141, 8}, 22), random_floats({141, 8}, 23), random_floats({141, 8}, 24),
                       offsets},
                      true) < kRounding);
    }
  }
  // Heads wider than a warp, and scores far apart.
  const auto wide = [](const Context& ctx, const In& in) {
    return attention(ctx, in[0], in[1], in[2], in[3], {.heads = 1});
  };
  CHECK(gpu_error(wide, {random_floats({9, 72}, 22, 5), random_floats({9, 72}, 23, 5),
                         random_floats({9, 72}, 24), ids({0, 6, 9})}) < kRounding);
}

}  // namespace cce::test
