// A GRU layer over packed sequences.
//
// Sequences go through time in groups of 16, and groups go to threads, so that no barrier is needed within a
// step; the groups are interleaved (sequences b, b + groups, ...), which spreads long and short ones.
// Sequences stand longest first, so the ones of a group that still run at step t are its first ones, and a
// product covers exactly those.
//
// With the reset gate after U_n a step is one product, U h, and one pass over its result (gru_cell.h). With
// the gate before it, U_n (r * h) has to wait for r: two products each way.
#include <algorithm>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/ops/gru_cell.h"
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

template <class F>
void for_each_group(Parallel& parallel, int64_t sequences, const int32_t* offsets_B1, F&& f) {
  const int64_t groups = (sequences + kGroup - 1) / kGroup;
  parallel.blocks(groups, [&](int64_t group) { f(Group{offsets_B1, sequences, group, groups}); });
}

/// All steps of a group, into states [T, H]. weight_HG is U transposed.
template <class T>
void forward(const GruCell<T>& cell, const Group& group, const T* inputs_TG, const T* weight_HG,
             const T* initial_BH, T* states_TH) {
  const int64_t hidden = cell.hidden, size = group.size() * hidden, gates = cell.reset_before ? 2 : 3;
  std::vector<T> h(static_cast<size_t>(size)), rh(h.size()), uh(3 * h.size());
  for (int64_t i = 0; i < group.size(); ++i) {
    std::copy_n(initial_BH + group.number(i) * hidden, hidden, h.data() + i * hidden);
  }
  int64_t active = group.size();
  for (int64_t step = 0; step < group.steps(); ++step) {
    active = group.active(step, active);
    gemm<T>(active, gates * hidden, hidden, {h.data(), hidden, 1}, weight_HG, 3 * hidden, uh.data(),
            3 * hidden, false);
    if (cell.reset_before) {
      for (int64_t i = 0; i < active; ++i) {
        const int64_t row = group.begin(i) + step;
        cell.reset_state(row, inputs_TG + row * 3 * hidden, uh.data() + i * 3 * hidden, h.data() + i * hidden,
                         rh.data() + i * hidden);
      }
      gemm<T>(active, hidden, hidden, {rh.data(), hidden, 1}, weight_HG + 2 * hidden, 3 * hidden,
              uh.data() + 2 * hidden, 3 * hidden, false);
    }
    for (int64_t i = 0; i < active; ++i) {
      const int64_t row = group.begin(i) + step;
      T* const state = states_TH + row * hidden;
      cell.forward(row, inputs_TG + row * 3 * hidden, uh.data() + i * 3 * hidden, h.data() + i * hidden,
                   state);
      std::copy_n(state, hidden, h.data() + i * hidden);
    }
  }
}

/// All steps of a group, last first. Writes duh [T, 3H]; adds to dinputs [T, 3H] and dinitial [B, H] unless
/// they are null.
template <class T>
void backward(const GruCell<T>& cell, const Group& group, const T* weight_GH, const T* initial_BH,
              const T* states_TH, const T* dstates_TH, T* duh_TG, T* dinputs_TG, T* dinitial_BH) {
  const int64_t hidden = cell.hidden, size = group.size() * hidden, gates = cell.reset_before ? 2 : 3;
  std::vector<T> dh(static_cast<size_t>(size)), drh(dh.size()), duh(3 * dh.size());
  const auto dinput_of = [&](int64_t row) {
    return dinputs_TG == nullptr ? nullptr : dinputs_TG + row * 3 * hidden;
  };
  const auto state_before = [&](int64_t i, int64_t step) {
    return step == 0 ? initial_BH + group.number(i) * hidden
                     : states_TH + (group.begin(i) + step - 1) * hidden;
  };
  for (int64_t step = group.steps() - 1; step >= 0; --step) {
    const int64_t active = group.active(step, group.size());
    for (int64_t i = 0; i < active; ++i) {
      const int64_t row = group.begin(i) + step;
      T* const dh_i = dh.data() + i * hidden;
      for (int64_t k = 0; k < hidden; ++k) dh_i[k] += dstates_TH[row * hidden + k];
      cell.backward(row, state_before(i, step), dh_i, duh.data() + i * 3 * hidden, dinput_of(row));
    }
    if (cell.reset_before) {
      gemm<T>(active, hidden, hidden, {duh.data() + 2 * hidden, 3 * hidden, 1},
              weight_GH + 2 * hidden * hidden, hidden, drh.data(), hidden, false);
      for (int64_t i = 0; i < active; ++i) {
        const int64_t row = group.begin(i) + step;
        cell.reset_state_backward(row, state_before(i, step), drh.data() + i * hidden, dh.data() + i * hidden,
                                  duh.data() + i * 3 * hidden, dinput_of(row));
      }
    }
    gemm<T>(active, hidden, gates * hidden, {duh.data(), 3 * hidden, 1}, weight_GH, hidden, dh.data(), hidden,
            true);
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

/// h before every position, [T, H].
template <class T>
Tensor previous_states(const GruSizes& sizes, const int32_t* offsets_B1, const T* initial_BH,
                       const T* states_TH) {
  const int64_t hidden = sizes.hidden;
  Tensor before_TH = Tensor::empty({sizes.rows, hidden}, dtype_of<T>());
  std::copy_n(states_TH, (sizes.rows - 1) * hidden, before_TH.data<T>() + hidden);
  for (int64_t b = 0; b < sizes.sequences; ++b) {
    if (offsets_B1[b] == sizes.rows) break;  // empty sequences stand last
    std::copy_n(initial_BH + b * hidden, hidden, before_TH.data<T>() + offsets_B1[b] * hidden);
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

template <class T>
void gru_forward(Parallel& parallel, const GruSizes& sizes, const int32_t* offsets_B1, const T* inputs_TG,
                 const T* weight_GH, const T* initial_BH, T* states_TH, const GruSaved<T>& saved) {
  const int64_t hidden = sizes.hidden;
  const Tensor weight_HG = Tensor::empty({hidden, 3 * hidden}, dtype_of<T>());
  transpose(3 * hidden, hidden, weight_GH, hidden, weight_HG.data<T>(), 3 * hidden);
  const GruCell<T> cell{hidden, sizes.reset_before, saved};
  for_each_group(parallel, sizes.sequences, offsets_B1, [&](const Group& group) {
    forward<T>(cell, group, inputs_TG, weight_HG.data<T>(), initial_BH, states_TH);
  });
}

/// Adds to those gradients that are not null.
template <class T>
void gru_backward(Parallel& parallel, const GruSizes& sizes, const int32_t* offsets_B1, const T* weight_GH,
                  const T* initial_BH, const T* states_TH, const GruSaved<T>& saved, const T* dstates_TH,
                  T* dinputs_TG, T* dweight_GH, T* dinitial_BH) {
  const int64_t rows = sizes.rows, hidden = sizes.hidden;
  const Tensor duh_TG = Tensor::empty({rows, 3 * hidden}, dtype_of<T>());
  const GruCell<T> cell{hidden, sizes.reset_before, saved};
  for_each_group(parallel, sizes.sequences, offsets_B1, [&](const Group& group) {
    backward<T>(cell, group, weight_GH, initial_BH, states_TH, dstates_TH, duh_TG.data<T>(), dinputs_TG,
                dinitial_BH);
  });
  if (dweight_GH == nullptr) return;
  const Tensor before_TH = previous_states<T>(sizes, offsets_B1, initial_BH, states_TH);
  const int64_t of_h = sizes.reset_before ? 2 * hidden : 3 * hidden;
  add_weight_gradient<T>(parallel, rows, hidden, 0, of_h, duh_TG.data<T>(), before_TH.data<T>(), dweight_GH);
  if (sizes.reset_before) {
    add_weight_gradient<T>(parallel, rows, hidden, of_h, 3 * hidden, duh_TG.data<T>(), saved.u, dweight_GH);
  }
}

}  // namespace
}  // namespace cpu

namespace {

/// From 0 to rows, longest first.
void check_sequences(const Tensor& offsets_B1, int64_t rows) {
  const auto offsets = offsets_B1.span<int32_t>();
  require_offsets("gru", offsets, rows);
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    require(offsets[b + 1] >= offsets[b], "[gru] sequence {} ends before it begins", b);
    require(b == 0 || offsets[b + 1] - offsets[b] <= offsets[b] - offsets[b - 1],
            "[gru] expected the sequences longest first, but sequence {} is longer than the one before", b);
  }
}

void check_gru(const Context& ctx, const Tensor& inputs_TG, const Tensor& weight_GH, const Tensor& offsets_B1,
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
  require(ctx.device == Device::cpu || hidden <= cuda::kWidestGru,
          "[gru] a state is {} wide, and on a GPU at most {}; use --device cpu", hidden, cuda::kWidestGru);
}

}  // namespace

Tensor gru(const Context& ctx, const Tensor& inputs_TG, const Tensor& weight_GH, const Tensor& offsets_B1,
           const GruOptions& options) {
  const DType dtype = inputs_TG.dtype();
  const GruSizes sizes{.rows = inputs_TG.rows(),
                       .sequences = offsets_B1.size() - 1,
                       .hidden = weight_GH.cols(),
                       .reset_before = options.reset == ResetGate::before};
  const Tensor initial_BH = options.initial_BH.defined()
                                ? options.initial_BH
                                : Tensor::zeros({sizes.sequences, sizes.hidden}, dtype, ctx.device);
  check_gru(ctx, inputs_TG, weight_GH, offsets_B1, initial_BH);
  const bool differentiate = ctx.records({inputs_TG, weight_GH, initial_BH});
  return visit_real(dtype, "gru", [&]<class T>() {
    Tensor states_TH = Tensor::empty({sizes.rows, sizes.hidden}, dtype, ctx.device);
    const Tensor memory =
        differentiate ? Tensor::empty({4, sizes.rows, sizes.hidden}, dtype, ctx.device) : Tensor();
    const GruSaved<T> saved = gru_saved<T>(sizes, differentiate ? memory.data<T>() : nullptr);
    ON_DEVICE(ctx.executor(), gru_forward, sizes, offsets_B1.data<int32_t>(), inputs_TG.data<T>(),
              weight_GH.data<T>(), initial_BH.data<T>(), states_TH.data<T>(), saved);
    if (differentiate) {
      ctx.record("gru", states_TH,
                 [on = ctx.executor(), sizes, inputs_TG, weight_GH, offsets_B1, initial_BH, states_TH,
                  memory](const Tensor& dstates_TH) {
                   ON_DEVICE(on, gru_backward, sizes, offsets_B1.data<int32_t>(), weight_GH.data<T>(),
                             initial_BH.data<T>(), states_TH.data<T>(), gru_saved<T>(sizes, memory.data<T>()),
                             dstates_TH.data<T>(), grad_or_null<T>(inputs_TG), grad_or_null<T>(weight_GH),
                             grad_or_null<T>(initial_BH));
                 });
    }
    return states_TH;
  });
}

}  // namespace cce
