// The GRU against its equations written out, with the reset gate on either side and from any initial state.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/ops/ops.h"
#include "tests/gradcheck.h"
#include "tests/tensors.h"

namespace cce::test {
namespace {

constexpr ResetGate kResetGates[] = {ResetGate::after, ResetGate::before};

Tensor input(const Shape& shape, uint64_t salt) {
  return random_tensor(shape, salt).set_needs_grad(true);
}

double sigmoid_of(double x) {
  return 1 / (1 + std::exp(-x));
}

/// One step of the equations: h' from the inputs' row, U [3H, H] and h.
std::vector<double> step(const double* in, const double* weight, const std::vector<double>& h,
                         ResetGate reset) {
  const size_t hidden = h.size();
  const auto product = [&](size_t gate, size_t unit, const std::vector<double>& x) {
    double total = 0;
    for (size_t k = 0; k < hidden; ++k) total += weight[(gate * hidden + unit) * hidden + k] * x[k];
    return total;
  };
  std::vector<double> r(hidden), rh(hidden), next(hidden);
  for (size_t k = 0; k < hidden; ++k) {
    r[k] = sigmoid_of(in[k] + product(0, k, h));
    rh[k] = r[k] * h[k];
  }
  for (size_t k = 0; k < hidden; ++k) {
    const double z = sigmoid_of(in[hidden + k] + product(1, k, h));
    const double recurrent = reset == ResetGate::before ? product(2, k, rh) : r[k] * product(2, k, h);
    const double n = std::tanh(in[2 * hidden + k] + recurrent);
    next[k] = (1 - z) * n + z * h[k];
  }
  return next;
}

Tensor written_out(const Tensor& inputs_TG, const Tensor& weight_GH, const std::vector<int32_t>& offsets,
                   const Tensor& initial_BH, ResetGate reset) {
  const int64_t hidden = weight_GH.cols();
  Tensor states_TH = Tensor::empty({inputs_TG.rows(), hidden}, DType::f64);
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    const double* const first = initial_BH.data<double>() + static_cast<int64_t>(b) * hidden;
    std::vector<double> h(first, first + hidden);
    for (int64_t row = offsets[b]; row < offsets[b + 1]; ++row) {
      h = step(inputs_TG.data<double>() + row * 3 * hidden, weight_GH.data<double>(), h, reset);
      std::copy(h.begin(), h.end(), states_TH.data<double>() + row * hidden);
    }
  }
  return states_TH;
}

/// 20 sequences, in two groups, of which the last three are empty.
std::vector<int32_t> many_sequences() {
  std::vector<int32_t> offsets = {0, 6, 10, 13};
  for (int i = 0; i < 14; ++i) offsets.push_back(offsets.back() + 1);
  offsets.insert(offsets.end(), 3, offsets.back());
  return offsets;
}

}  // namespace

TEST_CASE("the GRU computes its equations, with the reset gate on either side, from any initial states") {
  Parallel parallel(2);
  const std::vector<int32_t> offsets = many_sequences();
  const int64_t sequences = std::ssize(offsets) - 1, hidden = 18;  // a group of sixteen units and a rest
  const Tensor inputs_TG = random_tensor({offsets.back(), 3 * hidden}, 1);
  const Tensor weight_GH = random_tensor({3 * hidden, hidden}, 2);
  const Tensor initial_BH = random_tensor({sequences, hidden}, 3);
  for (const ResetGate reset : kResetGates) {
    const Tensor states =
        gru({parallel}, inputs_TG, weight_GH, ids(offsets), {.initial_BH = initial_BH, .reset = reset});
    CHECK(relative_error(states, written_out(inputs_TG, weight_GH, offsets, initial_BH, reset)) < 1e-13);
    const Tensor from_zeros = gru({parallel}, inputs_TG, weight_GH, ids(offsets), {.reset = reset});
    const Tensor zeros = Tensor::zeros({sequences, hidden}, DType::f64);
    CHECK(relative_error(from_zeros, written_out(inputs_TG, weight_GH, offsets, zeros, reset)) < 1e-13);
  }
}

TEST_CASE("gradients of the GRU are right, with the reset gate on either side, initial states included") {
  const auto error = [](const std::vector<int32_t>& offsets, int64_t hidden, ResetGate reset) {
    const auto f = [&](const Context& ctx, const auto& in) {
      return gru(ctx, in[0], in[1], ids(offsets), {.initial_BH = in[2], .reset = reset});
    };
    return gradient_error(f, {input({offsets.back(), 3 * hidden}, 4), input({3 * hidden, hidden}, 5),
                              input({std::ssize(offsets) - 1, hidden}, 6)});
  };
  for (const ResetGate reset : kResetGates) {
    CHECK(error({0, 5, 8, 9}, 3, reset) < 1e-6);
    CHECK(error({0, 1}, 1, reset) < 1e-6);
    CHECK(error({0, 3, 5}, 18, reset) < 1e-6);
    CHECK(error(many_sequences(), 2, reset) < 1e-6);
  }
}

TEST_CASE("the GRU refuses offsets that do not cut its rows into sequences, longest first") {
  Parallel parallel(1);
  const Tensor inputs_TG = random_tensor({3, 6}, 1), weight_GH = random_tensor({6, 2}, 2);
  const auto run = [&](const std::vector<int32_t>& offsets) {
    return gru({parallel}, inputs_TG, weight_GH, ids(offsets));
  };
  CHECK_NOTHROW(run({0, 2, 3, 3}));
  CHECK_THROWS_WITH_AS(run({0, 5, 3}), "[gru] sequence 1 ends before it begins", Error);
  CHECK_THROWS_WITH_AS(run({0, -1, 3}), "[gru] sequence 0 ends before it begins", Error);
  CHECK_THROWS_WITH_AS(
      run({0, 1, 3}),
      "[gru] expected the sequences longest first, but sequence 1 is longer than the one before", Error);
  CHECK_THROWS_WITH_AS(run({0, 2}), "[gru] expected offsets from 0 to 3", Error);
}

TEST_CASE("the GRU's initial states are one row for each sequence") {
  Parallel parallel(1);
  const Tensor inputs_TG = random_tensor({3, 6}, 1), weight_GH = random_tensor({6, 2}, 2);
  CHECK_THROWS_WITH_AS(gru({parallel}, inputs_TG, weight_GH, ids({0, 2, 3}),
                           {.initial_BH = Tensor::zeros({1, 2}, DType::f64)}),
                       "[gru] expected initial states of shape (2, 2), got (1, 2)", Error);
}

}  // namespace cce::test
