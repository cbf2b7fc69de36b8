// A GRU layer over packed sequences.
//
// Sequences go through time in groups of 16, and groups go to threads, so that no barrier is needed within a
// step; the groups are interleaved (sequences b, b + groups, ...), which spreads long and short ones.
// Sequences stand longest first, so the ones of a group that still run at step t are its first ones, and a
// product covers exactly those.
#include <vector>

#include "engine/ops/formulas.h"
#include "engine/ops/gemm.h"
#include "engine/ops/lanes.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kGroup = 16;

/// The sequences of one group: sequence i of the group is number first + i * stride of the batch.
struct Group {
  const int32_t* offsets_B1;
  int64_t sequences, first, stride;

  int64_t begin(int64_t i) const { return offsets_B1[first + i * stride]; }
  int64_t length(int64_t i) const { return offsets_B1[first + i * stride + 1] - begin(i); }
  int64_t size() const { return (sequences - first + stride - 1) / stride; }
  int64_t steps() const { return size() == 0 ? 0 : length(0); }
  /// How many of the group are longer than `step`, given that at most `most` are.
  int64_t active(int64_t step, int64_t most) const {
    while (most > 0 && length(most - 1) <= step) --most;
    return most;
  }
};

/// What backward needs of a position, each [T, H]: the gates r, z, n and u = U_n h.
template <class T>
struct Saved {
  T *r, *z, *n, *u;
};

template <class T>
struct Gru {
  int64_t hidden;
  const T* inputs_TG;
  const T* weight_GH;
  T* states_TH;
  Saved<T> saved;

  /// One position: h[H] -> h' from its input row and uh[3H] = U h.
  void cell(int64_t row, const T* uh, const T* h, T* next) const {
    const T* const in = inputs_TG + row * 3 * hidden;
    for (int64_t k = 0; k < hidden; k += kLaneCount) {
      const int64_t rest = hidden - k, at = row * hidden + k;
      const auto lanes = [rest](const T* p) { return load_lanes<T>(p, rest); };
      const Lanes<T> r = formulas::Sigmoid::value<Lanes<T>>(lanes(in + k) + lanes(uh + k));
      const Lanes<T> z = formulas::Sigmoid::value<Lanes<T>>(lanes(in + hidden + k) + lanes(uh + hidden + k));
      const Lanes<T> u = lanes(uh + 2 * hidden + k);
      const Lanes<T> n = formulas::Tanh::value<Lanes<T>>(lanes(in + 2 * hidden + k) + r * u);
      store_lanes<T>(next + k, rest, n + z * (lanes(h + k) - n));
      if (saved.r == nullptr) continue;
      store_lanes<T>(saved.r + at, rest, r);
      store_lanes<T>(saved.z + at, rest, z);
      store_lanes<T>(saved.n + at, rest, n);
      store_lanes<T>(saved.u + at, rest, u);
    }
  }

  /// All steps of a group. weight_HG is U transposed.
  void forward(const Group& group, const T* weight_HG) const {
    std::vector<T> h(static_cast<size_t>(group.size() * hidden)),
        uh(static_cast<size_t>(group.size() * 3 * hidden));
    int64_t active = group.size();
    for (int64_t step = 0; step < group.steps(); ++step) {
      active = group.active(step, active);
      gemm<T>(active, 3 * hidden, hidden, {h.data(), hidden, 1}, weight_HG, 3 * hidden, uh.data(), 3 * hidden,
              false);
      for (int64_t i = 0; i < active; ++i) {
        const int64_t row = group.begin(i) + step;
        T* const state = states_TH + row * hidden;
        cell(row, uh.data() + i * 3 * hidden, h.data() + i * hidden, state);
        std::copy_n(state, hidden, h.data() + i * hidden);
      }
    }
  }

  /// One position of backward: from dh[H], which becomes the direct part of d(h before), to the gradients of
  /// the gates' arguments: dinputs (added to, [3H]) and duh = d(U h) [3H].
  void cell_backward(int64_t row, bool first, T* dh, T* duh, T* dinputs) const {
    for (int64_t k = 0; k < hidden; k += kLaneCount) {
      const int64_t rest = hidden - k, at = row * hidden + k;
      const auto lanes = [rest](const T* p) { return load_lanes<T>(p, rest); };
      const Lanes<T> r = lanes(saved.r + at), z = lanes(saved.z + at), n = lanes(saved.n + at);
      const Lanes<T> h = first ? Lanes<T>(Lanes<T>::Zero()) : lanes(states_TH + at - hidden);
      const Lanes<T> d = lanes(dh + k);
      const Lanes<T> dz = d * (h - n) * z * (T{1} - z);
      const Lanes<T> dn = d * (T{1} - z) * (T{1} - n * n);
      const Lanes<T> dr = dn * lanes(saved.u + at) * r * (T{1} - r);
      store_lanes<T>(duh + k, rest, dr);
      store_lanes<T>(duh + hidden + k, rest, dz);
      store_lanes<T>(duh + 2 * hidden + k, rest, dn * r);
      store_lanes<T>(dh + k, rest, d * z);
      if (dinputs == nullptr) continue;
      add_lanes<T>(dinputs + k, rest, dr);
      add_lanes<T>(dinputs + hidden + k, rest, dz);
      add_lanes<T>(dinputs + 2 * hidden + k, rest, dn);
    }
  }

  /// All steps of a group, last first. Writes duh [T, 3H], adds to dinputs [T, 3H] unless that is null.
  void backward(const Group& group, const T* dstates_TH, T* duh_TG, T* dinputs_TG) const {
    std::vector<T> dh(static_cast<size_t>(group.size() * hidden)),
        duh(static_cast<size_t>(group.size() * 3 * hidden));
    for (int64_t step = group.steps() - 1; step >= 0; --step) {
      const int64_t active = group.active(step, group.size());
      for (int64_t i = 0; i < active; ++i) {
        const int64_t row = group.begin(i) + step;
        T* const dh_i = dh.data() + i * hidden;
        T* const duh_i = duh.data() + i * 3 * hidden;
        for (int64_t k = 0; k < hidden; ++k) dh_i[k] += dstates_TH[row * hidden + k];
        cell_backward(row, step == 0, dh_i, duh_i,
                      dinputs_TG == nullptr ? nullptr : dinputs_TG + row * 3 * hidden);
        std::copy_n(duh_i, 3 * hidden, duh_TG + row * 3 * hidden);
      }
      gemm<T>(active, hidden, 3 * hidden, {duh.data(), 3 * hidden, 1}, weight_GH, hidden, dh.data(), hidden,
              true);
    }
  }
};

template <class F>
void for_each_group(Parallel& parallel, const Tensor& offsets_B1, F&& f) {
  const int64_t sequences = offsets_B1.size() - 1, groups = (sequences + kGroup - 1) / kGroup;
  parallel.blocks(groups, [&](int64_t group) {
    f(Group{offsets_B1.data<int32_t>(), sequences, group, groups});
  });
}

/// dU[3H, H] += duh[T, 3H]^T h_before[T, H], where h before the first step of a sequence is 0.
template <class T>
void add_weight_gradient(Parallel& parallel, const Tensor& states_TH, const Tensor& offsets_B1,
                         const T* duh_TG, T* dweight_GH) {
  const int64_t rows = states_TH.rows(), hidden = states_TH.cols();
  const Tensor before_TH = Tensor::empty(states_TH.shape(), states_TH.dtype());
  std::copy_n(states_TH.data<T>(), (rows - 1) * hidden, before_TH.data<T>() + hidden);
  for (int64_t b = 0; b + 1 < offsets_B1.size(); ++b) {
    const int64_t row = offsets_B1.data<int32_t>()[b];
    if (row < rows) std::fill_n(before_TH.data<T>() + row * hidden, hidden, T{0});
  }
  parallel.ranges(3 * hidden, 24, [&](int64_t begin, int64_t end) {
    gemm<T>(end - begin, hidden, rows, {duh_TG + begin, 1, 3 * hidden}, before_TH.data<T>(), hidden,
            dweight_GH + begin * hidden, hidden, true);
  });
}

}  // namespace
}  // namespace cpu

namespace {

void check_gru(const Tensor& inputs_TG, const Tensor& weight_GH, const Tensor& offsets_B1) {
  const int64_t hidden = weight_GH.cols();
  require(weight_GH.shape() == Shape{3 * hidden, hidden},
          "[gru] expected weight_hh of shape (3 H, H), got {}", weight_GH.shape().str());
  require(inputs_TG.cols() == 3 * hidden, "[gru] expected inputs of width {}, got shape {}", 3 * hidden,
          inputs_TG.shape().str());
  const auto offsets = offsets_B1.span<int32_t>();
  require(offsets.size() >= 2 && offsets.front() == 0 && offsets.back() == inputs_TG.rows(),
          "[gru] expected offsets from 0 to {}", inputs_TG.rows());
  for (size_t b = 1; b + 1 < offsets.size(); ++b) {
    require(offsets[b] >= offsets[b - 1] && offsets[b + 1] - offsets[b] <= offsets[b] - offsets[b - 1],
            "[gru] expected the sequences longest first, but sequence {} is longer than the one before", b);
  }
}

}  // namespace

Tensor gru(const Context& ctx, const Tensor& inputs_TG, const Tensor& weight_GH, const Tensor& offsets_B1) {
  check_gru(inputs_TG, weight_GH, offsets_B1);
  const int64_t rows = inputs_TG.rows(), hidden = weight_GH.cols();
  const bool differentiate = ctx.records({inputs_TG, weight_GH});
  return visit_real(inputs_TG.dtype(), "gru", [&]<class T>() {
    const DType dtype = inputs_TG.dtype();
    Tensor states_TH = Tensor::empty({rows, hidden}, dtype);
    const Tensor saved = differentiate ? Tensor::empty({4, rows, hidden}, dtype) : Tensor();
    const Tensor weight_HG = Tensor::empty({hidden, 3 * hidden}, dtype);
    cpu::transpose(3 * hidden, hidden, weight_GH.data<T>(), hidden, weight_HG.data<T>());

    cpu::Gru<T> kernel{hidden, inputs_TG.data<T>(), weight_GH.data<T>(), states_TH.data<T>(), {}};
    if (differentiate) {
      T* const base = saved.data<T>();
      const int64_t part = rows * hidden;
      kernel.saved = {base, base + part, base + 2 * part, base + 3 * part};
    }
    cpu::for_each_group(ctx.parallel, offsets_B1,
                        [&](const cpu::Group& group) { kernel.forward(group, weight_HG.data<T>()); });
    if (differentiate) {
      ctx.record("gru", states_TH,
                 [&parallel = ctx.parallel, kernel, saved, inputs_TG, weight_GH, offsets_B1,
                  states_TH](const Tensor& dstates_TH) {
                   const Tensor duh_TG = Tensor::empty(inputs_TG.shape(), inputs_TG.dtype());
                   T* const dinputs =
                       inputs_TG.needs_grad() ? inputs_TG.grad_to_add().template data<T>() : nullptr;
                   cpu::for_each_group(parallel, offsets_B1, [&](const cpu::Group& group) {
                     kernel.backward(group, dstates_TH.data<T>(), duh_TG.data<T>(), dinputs);
                   });
                   if (weight_GH.needs_grad()) {
                     cpu::add_weight_gradient<T>(parallel, states_TH, offsets_B1, duh_TG.data<T>(),
                                                 weight_GH.grad_to_add().template data<T>());
                   }
                 });
    }
    return states_TH;
  });
}

}  // namespace cce
