// Scaled dot-product attention with several heads over packed sequences (Vaswani et al. 2017; Eq. 15-17 of
// the paper).
//
// Sequences are usually short (a few dozen items) and attend only to themselves, so a block of work is a run
// of whole sequences of about 128 positions, and per sequence and head the products are those of small
// matrices. Where there will be a backward, the probabilities are kept for it: for a sequence of length L
// they are [heads, L, L'], rows padded with zeros to L', a multiple of a vector's lanes; those of all
// sequences stand one after another.
#include <algorithm>
#include <utility>
#include <vector>

#include "engine/ops/dropout_mask.h"
#include "engine/ops/on_device.h"
#include "engine/ops/ops.h"
// last, see engine/kernels/simd.h
#include "engine/ops/attention_head.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kPositionsPerBlock = 128;

/// The length of a row of probabilities, L'.
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

/// All heads of all sequences.
template <class T>
struct Attention {
  const Layout<T>& layout;
  int64_t width;  // D; a head has width / heads of it
  bool causal;
  DropoutMask mask;
  bool dropping;
  const T *q_TD, *k_TD, *v_TD;
  T* probabilities;  // before dropout; null: not kept

  int64_t head_width() const { return width / layout.heads; }

  /// f(head, scratch) for each.
  template <class F>
  void for_each_head(Parallel& parallel, F&& f) const {
    parallel.blocks(std::ssize(layout.blocks) - 1, [&](int64_t block) {
      AttentionScratch<T> scratch;
      const auto at = static_cast<size_t>(block);
      for (auto b = static_cast<size_t>(layout.blocks[at]); std::cmp_less(b, layout.blocks[at + 1]); ++b) {
        const int64_t length = layout.first_rows[b + 1] - layout.first_rows[b], row = padded<T>(length);
        prepare(scratch, b, length, row);
        for (int64_t head = 0; head < layout.heads; ++head) {
          f(AttentionHead<T>{.length = length,
                             .row = row,
                             .head_width = head_width(),
                             .stride = width,
                             .causal = causal,
                             .begin = layout.first_rows[b] * width + head * head_width(),
                             .q_TD = q_TD,
                             .k_TD = k_TD,
                             .v_TD = v_TD,
                             .p = probabilities != nullptr
                                      ? probabilities + layout.probabilities[b] + head * length * row
                                      : scratch.probabilities.data(),
                             .factors = dropping ? scratch.factors.data() + head * length * length : nullptr},
            scratch);
        }
      }
    });
  }

 private:
  void prepare(AttentionScratch<T>& scratch, size_t b, int64_t length, int64_t row) const {
    scratch.transposed.assign(static_cast<size_t>(head_width() * row), T{0});
    for (std::vector<T>* of_a_head : {&scratch.probabilities, &scratch.dropped, &scratch.dscores}) {
      of_a_head->resize(static_cast<size_t>(length * row));
    }
    if (!dropping) return;
    const int64_t begin = layout.draws[b], end = layout.draws[b + 1];
    scratch.factors.resize(static_cast<size_t>(end - begin + simd::kLanes<T>));
    mask.for_each_run<T>(begin, end, [&](int64_t first, int64_t count, const T* factors) {
      std::copy_n(factors, count, scratch.factors.data() + first - begin);
    });
  }
};

template <class T>
void attention_forward(Parallel& parallel, const Attention<T>& kernel, T* y_TD) {
  kernel.for_each_head(parallel, [&](const AttentionHead<T>& head, AttentionScratch<T>& scratch) {
    head.forward(scratch, y_TD);
  });
}

template <class T>
void attention_backward(Parallel& parallel, const Attention<T>& kernel, const T* dy_TD, GradientSink<T> dq_TD,
                        GradientSink<T> dk_TD, GradientSink<T> dv_TD) {
  kernel.for_each_head(parallel, [&](const AttentionHead<T>& head, AttentionScratch<T>& scratch) {
    head.backward(scratch, dy_TD, dq_TD, dk_TD, dv_TD);
  });
}

}  // namespace
}  // namespace cpu

namespace {

/// offsets[b] < offsets[b + 1], from 0 to rows.
void check_sequences(const Tensor& offsets_B1, int64_t rows) {
  const auto offsets = offsets_B1.span<int32_t>();
  require_offsets("attention", offsets, rows);
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

/// Where the kernels put an input's gradient; that of an input without one is looked at by nobody.
struct GradSinkOrSpare : Tensor::GradSink {
  explicit GradSinkOrSpare(const Tensor& x)
      : GradSink(x.needs_grad() ? x.grad_sink() : GradSink{Tensor::empty(x.shape(), x.dtype()), false}) {}

  template <class T>
  cpu::GradientSink<T> typed() const {
    return {grad.data<T>(), add};
  }
};

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
      cuda::attention_backward(sizes, offsets_B1.data<int32_t>(),
                               {.q = q_TD.data<T>(),
                                .k = k_TD.data<T>(),
                                .v = v_TD.data<T>(),
                                .y = y_TD.data<T>(),
                                .dy = dy_TD.data<T>(),
                                .log_sums = log_sums.data<T>()},
                               grad_or_null<T>(q_TD), grad_or_null<T>(k_TD), grad_or_null<T>(v_TD));
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
    cpu::attention_forward(ctx.parallel, kernel(layout), y_TD.data<T>());
    if (differentiate) {
      ctx.record("attention", y_TD,
                 [&parallel = ctx.parallel, q_TD, k_TD, v_TD, layout, kernel](const Tensor& dy_TD) {
                   const GradSinkOrSpare dq(q_TD), dk(k_TD), dv(v_TD);
                   cpu::attention_backward(parallel, kernel(layout), dy_TD.data<T>(), dq.typed<T>(),
                                           dk.typed<T>(), dv.typed<T>());
                 });
    }
    return y_TD;
  });
}

}  // namespace cce
