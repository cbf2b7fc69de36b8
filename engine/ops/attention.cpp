// Scaled dot-product attention with several heads over packed sequences (Vaswani et al. 2017; Eq. 15-17 of
// the paper).
//
// Sequences are short (at most a few dozen items) and attend only to themselves, so a block of work is a run
// of whole sequences of about 128 positions, and per sequence and head the products are those of small
// matrices. Where there will be a backward, the probabilities are kept for it: for a sequence of length L
// they are [heads, L, L'], rows padded with zeros to L', a multiple of a vector's lanes; those of all
// sequences stand one after another.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/ops/dropout_mask.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"
// last, see there
#include "engine/kernels/simd.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kPositionsPerBlock = 128;

/// The length of a row of probabilities, L' above.
template <class T>
int64_t padded(int64_t length) {
  return (length + simd::kLanes<T> - 1) / simd::kLanes<T> * simd::kLanes<T>;
}

/// Where sequences and what belongs to them begin, and which sequences make up a block of work.
template <class T>
struct Layout {
  int64_t heads;
  std::vector<int64_t> first_rows;     // [B + 1]
  std::vector<int64_t> probabilities;  // [B + 1]
  std::vector<int64_t> draws;   // [B + 1]; dropout draws one number per real probability: heads * L * L
  std::vector<int64_t> blocks;  // first sequence of each block, and the number of sequences at the end

  Layout(std::span<const int32_t> offsets, int64_t head_count)
      : heads(head_count), first_rows(offsets.begin(), offsets.end()), probabilities{0}, draws{0} {
    int64_t in_block = kPositionsPerBlock;
    for (size_t b = 0; b + 1 < first_rows.size(); ++b) {
      const int64_t length = first_rows[b + 1] - first_rows[b];
      probabilities.push_back(probabilities.back() + heads * length * padded<T>(length));
      draws.push_back(draws.back() + heads * length * length);
      if (in_block >= kPositionsPerBlock) blocks.push_back(static_cast<int64_t>(b)), in_block = 0;
      in_block += length;
    }
    blocks.push_back(static_cast<int64_t>(first_rows.size()) - 1);
  }
};

/// What a thread needs beside the inputs, for one sequence at a time.
template <class T>
struct Scratch {
  std::vector<T> factors;     // [heads, L, L] and a vector more: what dropout multiplies probabilities with
  std::vector<T> transposed;  // [d, L']: keys or values of a head; columns beyond L are zeros
  std::vector<T> probabilities;  // [L, L']: those of a head, where they are not kept
  std::vector<T> dropped;        // [L, L']: probabilities after dropout
  std::vector<T> dscores;        // [L, L']: derivatives of a head's scores
};

/// Where a gradient [T, D] goes: written there, or added.
template <class T>
struct Sink {
  T* data;
  bool add;
};

template <class T>
struct Attention {
  using Vec = simd::vec<T>;
  static constexpr int64_t kLanes = simd::kLanes<T>;

  const Layout<T>& layout;
  int64_t width;  // of a row; a head has width / heads of it
  bool causal;
  DropoutMask mask;
  bool dropping;
  const T *q_TD, *k_TD, *v_TD;
  T* probabilities;  // before dropout; null: not kept

  /// One head of one sequence.
  struct Head {
    int64_t length, row;  // L and L'
    int64_t begin;        // where in a [T, D] matrix its first row's part begins; the next is D further on
    T* p;                 // [L, L']
    const T* factors;     // [L, L]; null: nothing is dropped
  };

  int64_t head_width() const { return width / layout.heads; }
  T scale() const { return T{1} / std::sqrt(static_cast<T>(head_width())); }
  /// Query i attends to keys 0 .. reach(i)-1.
  int64_t reach(int64_t i, int64_t length) const { return causal ? i + 1 : length; }

  void forward(Parallel& parallel, T* y_TD) const {
    for_each_head(parallel, [&](const Head& head, Scratch<T>& scratch) { forward(head, scratch, y_TD); });
  }

  void backward(Parallel& parallel, const T* dy_TD, Sink<T> dq_TD, Sink<T> dk_TD, Sink<T> dv_TD) const {
    for_each_head(parallel, [&](const Head& head, Scratch<T>& scratch) {
      backward(head, scratch, dy_TD, dq_TD, dk_TD, dv_TD);
    });
  }

 private:
  template <class F>
  void for_each_head(Parallel& parallel, F&& f) const {
    parallel.blocks(std::ssize(layout.blocks) - 1, [&](int64_t block) {
      Scratch<T> scratch;
      const auto at = static_cast<size_t>(block);
      for (auto b = static_cast<size_t>(layout.blocks[at]); std::cmp_less(b, layout.blocks[at + 1]); ++b) {
        const int64_t length = layout.first_rows[b + 1] - layout.first_rows[b], row = padded<T>(length);
        prepare(scratch, b, length, row);
        for (int64_t head = 0; head < layout.heads; ++head) {
          f(Head{length, row, layout.first_rows[b] * width + head * head_width(),
                 probabilities != nullptr ? probabilities + layout.probabilities[b] + head * length * row
                                          : scratch.probabilities.data(),
                 dropping ? scratch.factors.data() + head * length * length : nullptr},
            scratch);
        }
      }
    });
  }

  void prepare(Scratch<T>& scratch, size_t b, int64_t length, int64_t row) const {
    scratch.transposed.assign(static_cast<size_t>(head_width() * row), T{0});
    for (std::vector<T>* of_a_head : {&scratch.probabilities, &scratch.dropped, &scratch.dscores}) {
      of_a_head->resize(static_cast<size_t>(length * row));
    }
    if (!dropping) return;
    const int64_t begin = layout.draws[b], end = layout.draws[b + 1];
    scratch.factors.resize(static_cast<size_t>(end - begin + kLanes));
    mask.for_each_run<T>(begin, end, [&](int64_t first, int64_t count, const T* factors) {
      std::copy_n(factors, count, scratch.factors.data() + first - begin);
    });
  }

  /// y = m p v with p = softmax(q k^T / sqrt(head width)) and m the dropout factors.
  void forward(const Head& head, Scratch<T>& scratch, T* y_TD) const {
    const int64_t length = head.length, row = head.row, d = head_width();
    transpose(length, d, k_TD + head.begin, width, scratch.transposed.data(), row);
    gemm<T>(length, row, d, {q_TD + head.begin, width, 1}, scratch.transposed.data(), row, head.p, row,
            false);
    for (int64_t i = 0; i < length; ++i) softmax_row(reach(i, length), row, head.p + i * row);
    gemm<T>(length, d, length, {dropped(head, scratch), row, 1}, v_TD + head.begin, width, y_TD + head.begin,
            width, false);
  }

  /// Scores to probabilities, in place; those from `count` on become 0.
  void softmax_row(int64_t count, int64_t row, T* p) const {
    std::fill(p + count, p + row, std::numeric_limits<T>::lowest());
    const T largest = *std::max_element(p, p + count);
    const Vec scale_v = simd::splat(scale()), shift = simd::splat(largest * scale());
    Vec total{};
    for (int64_t j = 0; j < row; j += kLanes) {
      const Vec e = simd::exp(simd::load(p + j) * scale_v - shift);
      simd::store(p + j, e);
      total += e;
    }
    const Vec inverse = simd::splat(T{1} / simd::sum<T>(total));
    for (int64_t j = 0; j < row; j += kLanes) simd::store(p + j, simd::load(p + j) * inverse);
  }

  /// m p. Behind a row of factors the next one begins; p is 0 there.
  const T* dropped(const Head& head, Scratch<T>& scratch) const {
    if (head.factors == nullptr) return head.p;
    for (int64_t i = 0; i < head.length; ++i) {
      for (int64_t j = 0; j < head.row; j += kLanes) {
        const int64_t at = i * head.row + j;
        simd::store(scratch.dropped.data() + at,
                    simd::load(head.p + at) * simd::load(head.factors + i * head.length + j));
      }
    }
    return scratch.dropped.data();
  }

  /// dp = m (dy v^T), ds = p (dp - sum of p dp) / sqrt(head width), dq = ds k, dk = ds^T q, dv = (m p)^T dy:
  /// in this order, in which the sinks may be one and the same.
  void backward(const Head& head, Scratch<T>& scratch, const T* dy_TD, Sink<T> dq_TD, Sink<T> dk_TD,
                Sink<T> dv_TD) const {
    const int64_t length = head.length, row = head.row, d = head_width(), begin = head.begin;
    T* const ds = scratch.dscores.data();
    transpose(length, d, v_TD + begin, width, scratch.transposed.data(), row);
    gemm<T>(length, row, d, {dy_TD + begin, width, 1}, scratch.transposed.data(), row, ds, row, false);
    for (int64_t i = 0; i < length; ++i) {
      const T* const factors = head.factors == nullptr ? nullptr : head.factors + i * length;
      softmax_row_backward(row, head.p + i * row, factors, ds + i * row);
    }
    const auto give = [&](Strided<T> a, const T* b_TD, const Sink<T>& sink_TD) {
      gemm<T>(length, d, length, a, b_TD + begin, width, sink_TD.data + begin, width, sink_TD.add);
    };
    give({ds, row, 1}, k_TD, dq_TD);
    give({ds, 1, row}, q_TD, dk_TD);
    give({dropped(head, scratch), 1, row}, dy_TD, dv_TD);
  }

  /// `ds` holds dy v^T at the start.
  void softmax_row_backward(int64_t row, const T* p, const T* factors, T* ds) const {
    Vec p_dp{};
    for (int64_t j = 0; j < row; j += kLanes) {
      const Vec dp = factors == nullptr ? simd::load(ds + j) : simd::load(ds + j) * simd::load(factors + j);
      simd::store(ds + j, dp);
      p_dp += simd::load(p + j) * dp;
    }
    const Vec mean = simd::splat(simd::sum<T>(p_dp)), scale_v = simd::splat(scale());
    for (int64_t j = 0; j < row; j += kLanes) {
      simd::store(ds + j, simd::load(p + j) * (simd::load(ds + j) - mean) * scale_v);
    }
  }
};

}  // namespace
}  // namespace cpu

namespace {

/// offsets[b] < offsets[b + 1], from 0 to rows.
void check_sequences(const Tensor& offsets_B1, int64_t rows) {
  const auto offsets = offsets_B1.span<int32_t>();
  require(offsets.size() >= 2 && offsets.front() == 0 && offsets.back() == rows,
          "[attention] expected offsets from 0 to {}", rows);
  for (size_t b = 1; b < offsets.size(); ++b) {
    require(offsets[b] > offsets[b - 1], "[attention] sequence {} is empty", b - 1);
  }
}

void check_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& offsets_B1,
                     const AttentionOptions& options) {
  require(q.shape() == k.shape() && q.shape() == v.shape(),
          "[attention] expected queries, keys and values of one shape, got {}, {} and {}", q.shape(),
          k.shape(), v.shape());
  require(options.heads >= 1 && q.cols() % options.heads == 0,
          "[attention] a width of {} cannot be split into {} heads", q.cols(), options.heads);
  require(options.dropout >= 0 && options.dropout < 1, "[attention] expected a dropout in [0, 1), got {}",
          options.dropout);
  if (offsets_B1.device() == Device::cpu) check_sequences(offsets_B1, q.rows());
}

/// The same on the GPU, whose backward computes the probabilities anew from the logarithms of their
/// denominators.
template <class T>
Tensor attention_on_gpu(const Context& ctx, const Tensor& q_TD, const Tensor& k_TD, const Tensor& v_TD,
                        const Tensor& offsets_B1, const AttentionOptions& options) {
  require(q_TD.cols() / options.heads <= cuda::kWidestHead,
          "[attention] a head is {} wide, and on a GPU at most {}; use --device cpu",
          q_TD.cols() / options.heads, cuda::kWidestHead);
  const cuda::AttentionSizes sizes{
      .rows = q_TD.rows(),
      .sequences = offsets_B1.size() - 1,
      .width = q_TD.cols(),
      .heads = options.heads,
      .causal = options.causal,
      .dropping = ctx.training && options.dropout > 0,
      .draw = DropoutDraw(ctx.seed, ctx.step, options.layer, options.dropout, ctx.step_on_gpu())};
  Tensor y_TD = Tensor::empty(q_TD.shape(), DType::f32, Device::cuda);
  const Tensor log_sums = Tensor::empty({q_TD.rows(), options.heads}, DType::f32, Device::cuda);
  cuda::attention_forward(sizes, offsets_B1.data<int32_t>(), q_TD.data<T>(), k_TD.data<T>(), v_TD.data<T>(),
                          y_TD.data<T>(), log_sums.data<T>());
  if (ctx.records({q_TD, k_TD, v_TD})) {
    ctx.record("attention", y_TD, [=](const Tensor& dy_TD) {
      const auto grad_of = [](const Tensor& x) {
        return x.needs_grad() ? x.grad_to_add().template data<T>() : nullptr;
      };
      cuda::attention_backward(sizes, offsets_B1.data<int32_t>(),
                               {.q = q_TD.data<T>(),
                                .k = k_TD.data<T>(),
                                .v = v_TD.data<T>(),
                                .y = y_TD.data<T>(),
                                .dy = dy_TD.data<T>(),
                                .log_sums = log_sums.data<T>()},
                               grad_of(q_TD), grad_of(k_TD), grad_of(v_TD));
    });
  }
  return y_TD;
}

}  // namespace

Tensor attention(const Context& ctx, const Tensor& q_TD, const Tensor& k_TD, const Tensor& v_TD,
                 const Tensor& offsets_B1, const AttentionOptions& options) {
  check_attention(q_TD, k_TD, v_TD, offsets_B1, options);
  const bool dropping = ctx.training && options.dropout > 0;
  const cpu::DropoutMask mask(DropoutDraw(ctx.seed, ctx.step, options.layer, options.dropout));
  return visit_real(q_TD.dtype(), "attention", [&]<class T>() {
    if constexpr (kCudaBuilt && std::same_as<T, float>) {
      if (ctx.device == Device::cuda) return attention_on_gpu<T>(ctx, q_TD, k_TD, v_TD, offsets_B1, options);
    }
    const cpu::Layout<T> layout(offsets_B1.span<int32_t>(), options.heads);
    Tensor y_TD = Tensor::empty(q_TD.shape(), q_TD.dtype());
    const bool differentiate = ctx.records({q_TD, k_TD, v_TD});
    const Tensor probabilities =
        differentiate ? Tensor::empty({layout.probabilities.back()}, q_TD.dtype()) : Tensor();
    const auto kernel = [=](const cpu::Layout<T>& of) {
      return cpu::Attention<T>{of,
                               q_TD.cols(),
                               options.causal,
                               mask,
                               dropping,
                               q_TD.data<T>(),
                               k_TD.data<T>(),
                               v_TD.data<T>(),
                               probabilities.defined() ? probabilities.data<T>() : nullptr};
    };
    kernel(layout).forward(ctx.parallel, y_TD.data<T>());
    if (differentiate) {
      ctx.record("attention", y_TD,
                 [&parallel = ctx.parallel, q_TD, k_TD, v_TD, layout, kernel](const Tensor& dy_TD) {
                   // An input without gradient gets one that nobody looks at.
                   const auto sink_of = [](const Tensor& x) {
                     return x.needs_grad() ? x.grad_sink()
                                           : Tensor::GradSink{Tensor::empty(x.shape(), x.dtype()), false};
                   };
                   const Tensor::GradSink dq = sink_of(q_TD), dk = sink_of(k_TD), dv = sink_of(v_TD);
                   const auto numbers = [](const Tensor::GradSink& sink) {
                     return cpu::Sink<T>{sink.grad.template data<T>(), sink.add};
                   };
                   kernel(layout).backward(parallel, dy_TD.data<T>(), numbers(dq), numbers(dk), numbers(dv));
                 });
    }
    return y_TD;
  });
}

}  // namespace cce
