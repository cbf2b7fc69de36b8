// A GRU layer over packed sequences.
//
// Sequences go through time in groups of 16, and groups go to threads, so that no barrier is needed within a
// step; the groups are interleaved (sequences b, b + groups, ...), which spreads long and short ones.
// Sequences stand longest first, so the ones of a group that still run at step t are its first ones, and a
// product covers exactly those.
//
// With the reset gate after U_n a step is one product, U h, and one pass over its result. With the gate
// before it, U_n (r * h) has to wait for r: two products each way.
#include <algorithm>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/ops/formulas.h"
#include "engine/ops/lanes.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kGroup = 16;

/// The sequences of one group: sequence i of the group is number first + i * stride of the batch.
struct Group {
  const int32_t* offsets_B1;
  int64_t sequences, first, stride;

  int64_t number(int64_t i) const { return first + i * stride; }
  int64_t begin(int64_t i) const { return offsets_B1[number(i)]; }
  int64_t length(int64_t i) const { return offsets_B1[number(i) + 1] - begin(i); }
  int64_t size() const { return (sequences - first + stride - 1) / stride; }
  int64_t steps() const { return size() == 0 ? 0 : length(0); }
  /// How many of the group are longer than `step`, given that at most `most` are.
  int64_t active(int64_t step, int64_t most) const {
    while (most > 0 && length(most - 1) <= step) --most;
    return most;
  }
};

/// What backward needs of a position, each [T, H]: the gates r, z, n, and what U_n is applied around: u = U_n
/// h with the reset gate after it, r * h with the gate before it.
template <class T>
struct Saved {
  T *r, *z, *n, *u;
};

template <class T>
struct Gru {
  int64_t hidden;
  bool reset_before;
  const T* inputs_TG;
  const T* weight_GH;
  const T* initial_BH;
  T* states_TH;
  Saved<T> saved;  // null: not kept

  /// h before a step of the group's sequence i.
  const T* state_before(const Group& group, int64_t i, int64_t step) const {
    return step == 0 ? initial_BH + group.number(i) * hidden
                     : states_TH + (group.begin(i) + step - 1) * hidden;
  }

  Lanes<T> reset_gate(int64_t row, const T* uh, int64_t k) const {
    return formulas::Sigmoid::value<Lanes<T>>(Lanes<T>(
        load_lanes<T>(inputs_TG + row * 3 * hidden + k, hidden - k) + load_lanes<T>(uh + k, hidden - k)));
  }

  /// rh[H] = r * h: what U_n is applied to with the reset gate before it.
  void reset_state(int64_t row, const T* uh, const T* h, T* rh) const {
    for (int64_t k = 0; k < hidden; k += kLaneCount) {
      const Lanes<T> reset = reset_gate(row, uh, k) * load_lanes<T>(h + k, hidden - k);
      store_lanes<T>(rh + k, hidden - k, reset);
      if (saved.u != nullptr) store_lanes<T>(saved.u + row * hidden + k, hidden - k, reset);
    }
  }

  /// One position: h[H] -> h' from its input row and uh[3H] = U h, whose last third is U_n (r * h) with the
  /// reset gate before.
  void cell(int64_t row, const T* uh, const T* h, T* next) const {
    const T* const in = inputs_TG + row * 3 * hidden;
    for (int64_t k = 0; k < hidden; k += kLaneCount) {
      const int64_t rest = hidden - k, at = row * hidden + k;
      const auto lanes = [rest](const T* p) { return load_lanes<T>(p, rest); };
      const Lanes<T> r = reset_gate(row, uh, k);
      const Lanes<T> z = formulas::Sigmoid::value<Lanes<T>>(lanes(in + hidden + k) + lanes(uh + hidden + k));
      const Lanes<T> u = lanes(uh + 2 * hidden + k);
      const Lanes<T> recurrent = reset_before ? u : Lanes<T>(r * u);
      const Lanes<T> n = formulas::Tanh::value<Lanes<T>>(lanes(in + 2 * hidden + k) + recurrent);
      store_lanes<T>(next + k, rest, n + z * (lanes(h + k) - n));
      if (saved.r == nullptr) continue;
      store_lanes<T>(saved.r + at, rest, r);
      store_lanes<T>(saved.z + at, rest, z);
      store_lanes<T>(saved.n + at, rest, n);
      if (!reset_before) store_lanes<T>(saved.u + at, rest, u);
    }
  }

  /// All steps of a group. weight_HG is U transposed.
  void forward(const Group& group, const T* weight_HG) const {
    const int64_t size = group.size() * hidden, gates = reset_before ? 2 : 3;
    std::vector<T> h(static_cast<size_t>(size)), rh(h.size()), uh(3 * h.size());
    for (int64_t i = 0; i < group.size(); ++i) {
      std::copy_n(initial_BH + group.number(i) * hidden, hidden, h.data() + i * hidden);
    }
    int64_t active = group.size();
    for (int64_t step = 0; step < group.steps(); ++step) {
      active = group.active(step, active);
      gemm<T>(active, gates * hidden, hidden, {h.data(), hidden, 1}, weight_HG, 3 * hidden, uh.data(),
              3 * hidden, false);
      if (reset_before) {
        for (int64_t i = 0; i < active; ++i) {
          reset_state(group.begin(i) + step, uh.data() + i * 3 * hidden, h.data() + i * hidden,
                      rh.data() + i * hidden);
        }
        gemm<T>(active, hidden, hidden, {rh.data(), hidden, 1}, weight_HG + 2 * hidden, 3 * hidden,
                uh.data() + 2 * hidden, 3 * hidden, false);
      }
      for (int64_t i = 0; i < active; ++i) {
        T* const state = states_TH + (group.begin(i) + step) * hidden;
        cell(group.begin(i) + step, uh.data() + i * 3 * hidden, h.data() + i * hidden, state);
        std::copy_n(state, hidden, h.data() + i * hidden);
      }
    }
  }

  /// One position of backward: from dh[H], which becomes the direct part of d(h before), to the gradients of
  /// the gates' arguments: dinputs (added to, [3H]) and duh = d(U h) [3H]. With the reset gate before U_n
  /// that of r is still to come.
  void cell_backward(int64_t row, const T* h_before, T* dh, T* duh, T* dinputs) const {
    for (int64_t k = 0; k < hidden; k += kLaneCount) {
      const int64_t rest = hidden - k, at = row * hidden + k;
      const auto lanes = [rest](const T* p) { return load_lanes<T>(p, rest); };
      const Lanes<T> r = lanes(saved.r + at), z = lanes(saved.z + at), n = lanes(saved.n + at);
      const Lanes<T> d = lanes(dh + k);
      const Lanes<T> dz = d * (lanes(h_before + k) - n) * z * (T{1} - z);
      const Lanes<T> dn = d * (T{1} - z) * (T{1} - n * n);
      store_lanes<T>(duh + hidden + k, rest, dz);
      store_lanes<T>(duh + 2 * hidden + k, rest, reset_before ? dn : Lanes<T>(dn * r));
      store_lanes<T>(dh + k, rest, d * z);
      if (dinputs != nullptr) {
        add_lanes<T>(dinputs + hidden + k, rest, dz);
        add_lanes<T>(dinputs + 2 * hidden + k, rest, dn);
      }
      if (!reset_before) reset_gate_backward(row, k, dn * lanes(saved.u + at), duh, dinputs);
    }
  }

  /// From d(r) to the gradient of its argument, for units k to k + 15.
  void reset_gate_backward(int64_t row, int64_t k, const Lanes<T>& dr, T* duh, T* dinputs) const {
    const Lanes<T> r = load_lanes<T>(saved.r + row * hidden + k, hidden - k);
    const Lanes<T> darg = dr * r * (T{1} - r);
    store_lanes<T>(duh + k, hidden - k, darg);
    if (dinputs != nullptr) add_lanes<T>(dinputs + k, hidden - k, darg);
  }

  /// With the reset gate before U_n: from drh[H] = d(r * h) to d(r) and, added to dh, d(h before).
  void reset_state_backward(int64_t row, const T* h_before, const T* drh, T* dh, T* duh, T* dinputs) const {
    for (int64_t k = 0; k < hidden; k += kLaneCount) {
      const int64_t rest = hidden - k;
      const Lanes<T> d = load_lanes<T>(drh + k, rest);
      add_lanes<T>(dh + k, rest, d * load_lanes<T>(saved.r + row * hidden + k, rest));
      reset_gate_backward(row, k, d * load_lanes<T>(h_before + k, rest), duh, dinputs);
    }
  }

  /// All steps of a group, last first. Writes duh [T, 3H]; adds to dinputs [T, 3H] and dinitial [B, H] unless
  /// they are null.
  void backward(const Group& group, const T* dstates_TH, T* duh_TG, T* dinputs_TG, T* dinitial_BH) const {
    const int64_t size = group.size() * hidden, gates = reset_before ? 2 : 3;
    std::vector<T> dh(static_cast<size_t>(size)), drh(dh.size()), duh(3 * dh.size());
    const auto inputs_grad = [&](int64_t row) {
      return dinputs_TG == nullptr ? nullptr : dinputs_TG + row * 3 * hidden;
    };
    for (int64_t step = group.steps() - 1; step >= 0; --step) {
      const int64_t active = group.active(step, group.size());
      for (int64_t i = 0; i < active; ++i) {
        const int64_t row = group.begin(i) + step;
        T* const dh_i = dh.data() + i * hidden;
        for (int64_t k = 0; k < hidden; ++k) dh_i[k] += dstates_TH[row * hidden + k];
        cell_backward(row, state_before(group, i, step), dh_i, duh.data() + i * 3 * hidden, inputs_grad(row));
      }
      if (reset_before) {
        gemm<T>(active, hidden, hidden, {duh.data() + 2 * hidden, 3 * hidden, 1},
                weight_GH + 2 * hidden * hidden, hidden, drh.data(), hidden, false);
        for (int64_t i = 0; i < active; ++i) {
          const int64_t row = group.begin(i) + step;
          reset_state_backward(row, state_before(group, i, step), drh.data() + i * hidden,
                               dh.data() + i * hidden, duh.data() + i * 3 * hidden, inputs_grad(row));
        }
      }
      gemm<T>(active, hidden, gates * hidden, {duh.data(), 3 * hidden, 1}, weight_GH, hidden, dh.data(),
              hidden, true);
      for (int64_t i = 0; i < active; ++i) {
        std::copy_n(duh.data() + i * 3 * hidden, 3 * hidden, duh_TG + (group.begin(i) + step) * 3 * hidden);
      }
    }
    if (dinitial_BH == nullptr) return;
    for (int64_t i = 0; i < group.size(); ++i) {
      for (int64_t k = 0; k < hidden; ++k)
        dinitial_BH[group.number(i) * hidden + k] += dh[static_cast<size_t>(i * hidden + k)];
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

/// h before every position, [T, H].
template <class T>
Tensor states_before(const Tensor& states_TH, const Tensor& initial_BH, const Tensor& offsets_B1) {
  const int64_t rows = states_TH.rows(), hidden = states_TH.cols();
  Tensor before_TH = Tensor::empty(states_TH.shape(), states_TH.dtype());
  std::copy_n(states_TH.data<T>(), (rows - 1) * hidden, before_TH.data<T>() + hidden);
  for (int64_t b = 0; b + 1 < offsets_B1.size(); ++b) {
    const int64_t row = offsets_B1.data<int32_t>()[b];
    if (row == rows) break;  // empty sequences stand last
    std::copy_n(initial_BH.data<T>() + b * hidden, hidden, before_TH.data<T>() + row * hidden);
  }
  return before_TH;
}

/// dU[3H, H] += duh[T, 3H]^T x[T, H] for the rows [first, last) of U, which was applied to x.
template <class T>
void add_weight_gradient(Parallel& parallel, int64_t rows, int64_t hidden, int64_t first, int64_t last,
                         const T* duh_TG, const T* x_TH, T* dweight_GH) {
  parallel.ranges(last - first, 24, [&](int64_t begin, int64_t end) {
    gemm<T>(end - begin, hidden, rows, {duh_TG + first + begin, 1, 3 * hidden}, x_TH, hidden,
            dweight_GH + (first + begin) * hidden, hidden, true);
  });
}

/// Adds to the gradients of inputs, weight and initial states those that need one.
template <class T>
void gru_backward(Parallel& parallel, const Gru<T>& kernel, const Tensor& inputs_TG, const Tensor& weight_GH,
                  const Tensor& offsets_B1, const Tensor& initial_BH, const Tensor& states_TH,
                  const Tensor& dstates_TH) {
  const auto grad_of = [](const Tensor& x) {
    return x.needs_grad() ? x.grad_to_add().template data<T>() : nullptr;
  };
  const Tensor duh_TG = Tensor::empty(inputs_TG.shape(), inputs_TG.dtype());
  T *const dinputs = grad_of(inputs_TG), *const dinitial = grad_of(initial_BH);
  for_each_group(parallel, offsets_B1, [&](const Group& group) {
    kernel.backward(group, dstates_TH.data<T>(), duh_TG.data<T>(), dinputs, dinitial);
  });
  T* const dweight = grad_of(weight_GH);
  if (dweight == nullptr) return;
  const Tensor before_TH = states_before<T>(states_TH, initial_BH, offsets_B1);
  const int64_t t = states_TH.rows(), h = kernel.hidden, of_h = kernel.reset_before ? 2 * h : 3 * h;
  add_weight_gradient<T>(parallel, t, h, 0, of_h, duh_TG.data<T>(), before_TH.data<T>(), dweight);
  if (kernel.reset_before) {
    add_weight_gradient<T>(parallel, t, h, of_h, 3 * h, duh_TG.data<T>(), kernel.saved.u, dweight);
  }
}

}  // namespace
}  // namespace cpu

namespace {

/// From 0 to rows, longest first.
void check_sequences(const Tensor& offsets_B1, int64_t rows) {
  const auto offsets = offsets_B1.span<int32_t>();
  require(offsets.size() >= 2 && offsets.front() == 0 && offsets.back() == rows,
          "[gru] expected offsets from 0 to {}", rows);
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    require(offsets[b + 1] >= offsets[b], "[gru] sequence {} ends before it begins", b);
    require(b == 0 || offsets[b + 1] - offsets[b] <= offsets[b] - offsets[b - 1],
            "[gru] expected the sequences longest first, but sequence {} is longer than the one before", b);
  }
}

void check_gru(const Tensor& inputs_TG, const Tensor& weight_GH, const Tensor& offsets_B1,
               const Tensor& initial_BH) {
  const int64_t hidden = weight_GH.cols();
  require(weight_GH.shape() == Shape{3 * hidden, hidden},
          "[gru] expected weight_hh of shape (3 H, H), got {}", weight_GH.shape());
  require(inputs_TG.cols() == 3 * hidden, "[gru] expected inputs of width {}, got shape {}", 3 * hidden,
          inputs_TG.shape());
  if (offsets_B1.device() == Device::cpu) check_sequences(offsets_B1, inputs_TG.rows());
  require(initial_BH.shape() == Shape{offsets_B1.size() - 1, hidden},
          "[gru] expected initial states of shape ({}, {}), got {}", offsets_B1.size() - 1, hidden,
          initial_BH.shape());
}

/// The same on the GPU.
template <class T>
Tensor gru_on_gpu(const Context& ctx, const Tensor& inputs_TG, const Tensor& weight_GH,
                  const Tensor& offsets_B1, const Tensor& initial_BH, bool reset_before) {
  const int64_t rows = inputs_TG.rows(), hidden = weight_GH.cols();
  require(hidden <= cuda::kWidestGru, "[gru] a state is {} wide, and on a GPU at most {}; use --device cpu",
          hidden, cuda::kWidestGru);
  const cuda::GruSizes sizes{rows, offsets_B1.size() - 1, hidden, reset_before};
  const bool differentiate = ctx.records({inputs_TG, weight_GH, initial_BH});
  Tensor states_TH = Tensor::empty({rows, hidden}, DType::f32, Device::cuda);
  const Tensor saved = differentiate ? Tensor::empty({4, rows, hidden}, DType::f32, Device::cuda) : Tensor();
  cuda::GruSaved parts{};
  if (differentiate) {
    T* const base = saved.data<T>();
    const int64_t part = rows * hidden;
    parts = {base, base + part, base + 2 * part, base + 3 * part};
  }
  cuda::gru_forward(sizes, offsets_B1.data<int32_t>(), inputs_TG.data<T>(), weight_GH.data<T>(),
                    initial_BH.data<T>(), states_TH.data<T>(), parts);
  if (!differentiate) return states_TH;
  ctx.record("gru", states_TH, [=](const Tensor& dstates_TH) {
    const auto grad_of = [](const Tensor& x) {
      return x.needs_grad() ? x.grad_to_add().template data<T>() : nullptr;
    };
    static_cast<void>(saved);  // parts are parts of it
    cuda::gru_backward(sizes, offsets_B1.data<int32_t>(), weight_GH.data<T>(), initial_BH.data<T>(),
                       states_TH.data<T>(), parts, dstates_TH.data<T>(), grad_of(inputs_TG),
                       grad_of(weight_GH), grad_of(initial_BH));
  });
  return states_TH;
}

}  // namespace

Tensor gru(const Context& ctx, const Tensor& inputs_TG, const Tensor& weight_GH, const Tensor& offsets_B1,
           const GruOptions& options) {
  const int64_t rows = inputs_TG.rows(), hidden = weight_GH.cols();
  const bool reset_before = options.reset == ResetGate::before;
  const DType dtype = inputs_TG.dtype();
  const Tensor initial_BH = options.initial_BH.defined()
                                ? options.initial_BH
                                : Tensor::zeros({offsets_B1.size() - 1, hidden}, dtype, ctx.device);
  check_gru(inputs_TG, weight_GH, offsets_B1, initial_BH);
  const bool differentiate = ctx.records({inputs_TG, weight_GH, initial_BH});
  return visit_real(dtype, "gru", [&]<class T>() {
    if constexpr (kCudaBuilt && std::same_as<T, float>) {
      if (ctx.device == Device::cuda) {
        return gru_on_gpu<T>(ctx, inputs_TG, weight_GH, offsets_B1, initial_BH, reset_before);
      }
    }
    Tensor states_TH = Tensor::empty({rows, hidden}, dtype);
    const Tensor saved = differentiate ? Tensor::empty({4, rows, hidden}, dtype) : Tensor();
    const Tensor weight_HG = Tensor::empty({hidden, 3 * hidden}, dtype);
    cpu::transpose(3 * hidden, hidden, weight_GH.data<T>(), hidden, weight_HG.data<T>(), 3 * hidden);

    cpu::Gru<T> kernel{hidden,
                       reset_before,
                       inputs_TG.data<T>(),
                       weight_GH.data<T>(),
                       initial_BH.data<T>(),
                       states_TH.data<T>(),
                       {}};
    if (differentiate) {
      T* const base = saved.data<T>();
      const int64_t part = rows * hidden;
      kernel.saved = {base, base + part, base + 2 * part, base + 3 * part};
    }
    cpu::for_each_group(ctx.parallel, offsets_B1,
                        [&](const cpu::Group& group) { kernel.forward(group, weight_HG.data<T>()); });
    if (!differentiate) return states_TH;
    ctx.record("gru", states_TH,
               [&parallel = ctx.parallel, kernel, saved, inputs_TG, weight_GH, offsets_B1, initial_BH,
                states_TH](const Tensor& dstates_TH) {
                 cpu::gru_backward(parallel, kernel, inputs_TG, weight_GH, offsets_B1, initial_BH, states_TH,
                                   dstates_TH);
               });
    return states_TH;
  });
}

}  // namespace cce
