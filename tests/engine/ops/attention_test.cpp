// Attention against its definition, position by position, in double.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/ops/ops.h"
#include "engine/random.h"
#include "tests/gradcheck.h"

namespace cce::test {
namespace {

constexpr int64_t kHeads = 2, kHeadWidth = 5, kWidth = kHeads * kHeadWidth;
constexpr uint64_t kSeed = 3;
constexpr uint32_t kStep = 4, kLayer = 5;

/// Around the lanes of a vector, and so often that they make up several blocks of work.
Tensor offsets_of_many_lengths() {
  std::vector<int32_t> offsets{0};
  for (int repeat = 0; repeat < 3; ++repeat) {
    for (const int32_t length : {50, 17, 16, 9, 8, 7, 1}) offsets.push_back(offsets.back() + length);
  }
  return Tensor::from({std::ssize(offsets)}, offsets);
}

/// What dropout multiplies probability number `element` with, all heads, queries and keys of all sequences
/// counted through.
double factor(int64_t element, double p) {
  if (p == 0) return 1;
  const auto words =
      philox(kSeed, subsequence(Purpose::dropout, kStep, kLayer), static_cast<uint64_t>(element / 4));
  return words[static_cast<size_t>(element % 4)] >= std::ldexp(p, 32) ? 1 / (1 - p) : 0;
}

/// The probabilities of one query: softmax of its scores with the keys [first, first + count).
std::vector<double> probabilities(const double* q, const double* k_TD, int64_t first, int64_t count,
                                  int64_t column) {
  std::vector<double> p;
  for (int64_t j = 0; j < count; ++j) {
    double score = 0;
    for (int64_t d = 0; d < kHeadWidth; ++d) score += q[column + d] * k_TD[(first + j) * kWidth + column + d];
    p.push_back(std::exp(score / std::sqrt(static_cast<double>(kHeadWidth))));
  }
  double total = 0;
  for (const double value : p) total += value;
  for (double& value : p) value /= total;
  return p;
}

Tensor reference(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& offsets, bool causal,
                 double dropout) {
  Tensor y = Tensor::zeros(q.shape(), DType::f64);
  int64_t drawn = 0;  // of the sequences before
  for (int64_t b = 0; b + 1 < offsets.size(); ++b) {
    const int64_t first = offsets.data<int32_t>()[b], length = offsets.data<int32_t>()[b + 1] - first;
    for (int64_t head = 0; head < kHeads; ++head) {
      const int64_t column = head * kHeadWidth;
      for (int64_t i = 0; i < length; ++i) {
        const int64_t count = causal ? i + 1 : length;
        const std::vector<double> p =
            probabilities(q.data<double>() + (first + i) * kWidth, k.data<double>(), first, count, column);
        for (int64_t j = 0; j < count; ++j) {
          const double weight =
              p[static_cast<size_t>(j)] * factor(drawn + (head * length + i) * length + j, dropout);
          for (int64_t d = 0; d < kHeadWidth; ++d) {
            y.data<double>()[(first + i) * kWidth + column + d] +=
                weight * v.data<double>()[(first + j) * kWidth + column + d];
          }
        }
      }
    }
    drawn += kHeads * length * length;
  }
  return y;
}

}  // namespace

TEST_CASE("attention is what its definition says, for lengths around a vector's, with and without dropout") {
  Parallel parallel(3);
  const Tensor offsets = offsets_of_many_lengths();
  const int64_t positions = offsets.span<int32_t>().back();
  const std::array x = {random_tensor({positions, kWidth}, 1), random_tensor({positions, kWidth}, 2),
                        random_tensor({positions, kWidth}, 3)};
  for (const bool causal : {true, false}) {
    for (const double dropout : {0.0, 0.4}) {
      const Tensor expected = reference(x[0], x[1], x[2], offsets, causal, dropout);
      for (const DType dtype : {DType::f32, DType::f64}) {
        for (const bool recorded : {false, true}) {  // which decides whether probabilities are kept
          CAPTURE(causal);
          CAPTURE(dropout);
          CAPTURE(std::string(name(dtype)));
          CAPTURE(recorded);
          Tape tape;
          const Context ctx{.parallel = parallel,
                            .tape = recorded ? &tape : nullptr,
                            .training = true,
                            .seed = kSeed,
                            .step = kStep};
          const Tensor q = x[0].to(dtype).set_needs_grad(true);
          const Tensor y =
              attention(ctx, q, x[1].to(dtype), x[2].to(dtype), offsets,
                        {.heads = kHeads, .causal = causal, .dropout = dropout, .layer = kLayer});
          CHECK(relative_error(y, expected) < (dtype == DType::f32 ? 2e-6 : 1e-12));
        }
      }
    }
  }
}

}  // namespace cce::test
