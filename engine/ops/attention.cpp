// Scaled dot-product attention with several heads over packed sequences (Vaswani et al. 2017; Eq. 15-17 of
// the paper).
//
// Sequences are short (at most a few dozen items) and attend only to themselves, so a block of work is a run
// of whole sequences of about 128 positions. The probabilities are kept for backward: for a sequence of
// length L they are [heads, L, L], and those of all sequences stand one after another. Dropout draws one
// number per probability.
#include <cmath>
#include <vector>

#include "engine/ops/dropout_mask.h"
#include "engine/ops/ops.h"
#include "engine/ops/simd.h"

namespace cce {
namespace cpu {
namespace {

constexpr int64_t kPositionsPerBlock = 128;

template <class T>
T dot(int64_t width, const T* x, const T* y) {
  simd::vec<T> total{};
  int64_t k = 0;
  for (; k + simd::kLanes<T> <= width; k += simd::kLanes<T>) total += simd::load(x + k) * simd::load(y + k);
  T rest = simd::sum<T>(total);
  for (; k < width; ++k) rest += x[k] * y[k];
  return rest;
}

template <class T>
void add_scaled(int64_t width, T scale, const T* from, T* into) {
  for (int64_t k = 0; k < width; ++k) into[k] += scale * from[k];
}

/// Where sequences and their probabilities begin, and which sequences make up a block of work.
struct Layout {
  std::vector<int64_t> rows, probabilities;  // [B + 1]
  std::vector<int64_t> blocks;  // first sequence of each block, and the number of sequences at the end

  Layout(std::span<const int32_t> offsets, int64_t heads)
      : rows(offsets.begin(), offsets.end()), probabilities{0} {
    int64_t in_block = kPositionsPerBlock;
    for (size_t b = 0; b + 1 < rows.size(); ++b) {
      const int64_t length = rows[b + 1] - rows[b];
      probabilities.push_back(probabilities.back() + heads * length * length);
      if (in_block >= kPositionsPerBlock) blocks.push_back(static_cast<int64_t>(b)), in_block = 0;
      in_block += length;
    }
    blocks.push_back(static_cast<int64_t>(rows.size()) - 1);
  }

  template <class F>
  void for_each_sequence(Parallel& parallel, F&& f) const {
    parallel.blocks(static_cast<int64_t>(blocks.size()) - 1, [&](int64_t block) {
      const auto at = static_cast<size_t>(block);
      for (int64_t b = blocks[at]; b < blocks[at + 1]; ++b) f(static_cast<size_t>(b));
    });
  }
};

template <class T>
struct Attention {
  int64_t width, heads;  // of a row; a head has width / heads of it
  bool causal;
  DropoutMask mask;
  bool dropping;
  const T *q_TD, *k_TD, *v_TD;
  T* probabilities;  // before dropout

  int64_t head_width() const { return width / heads; }
  T scale() const { return T{1} / std::sqrt(static_cast<T>(head_width())); }
  /// Query i attends to keys 0 .. reach(i)-1.
  int64_t reach(int64_t i, int64_t length) const { return causal ? i + 1 : length; }

  /// What each probability of a sequence is multiplied with: 0 or 1 / (1 - p).
  void draw(const Layout& layout, size_t b, std::vector<T>& factors) const {
    const int64_t begin = layout.probabilities[b], end = layout.probabilities[b + 1];
    factors.assign(static_cast<size_t>(end - begin), T{1});
    if (!dropping) return;
    const T kept = static_cast<T>(mask.scale());
    mask.for_each(begin, end, [&](int64_t i, bool keep) {
      factors[static_cast<size_t>(i - begin)] = keep ? kept : T{0};
    });
  }

  /// y = softmax(q k^T / sqrt(head width)) v for one sequence.
  void forward(const Layout& layout, size_t b, T* y_TD) const {
    const int64_t first = layout.rows[b], length = layout.rows[b + 1] - first, d = head_width();
    std::vector<T> factors;
    draw(layout, b, factors);
    T* p = probabilities + layout.probabilities[b];
    const T* factor = factors.data();
    for (int64_t head = 0; head < heads; ++head) {
      const int64_t column = head * d;
      for (int64_t i = 0; i < length; ++i, p += length, factor += length) {
        const int64_t count = reach(i, length);
        softmax_row(first, i, count, column, p);
        T* const y = y_TD + (first + i) * width + column;
        std::fill_n(y, d, T{0});
        for (int64_t j = 0; j < count; ++j)
          add_scaled(d, p[j] * factor[j], v_TD + (first + j) * width + column, y);
      }
    }
  }

  void softmax_row(int64_t first, int64_t i, int64_t count, int64_t column, T* p) const {
    const T* const q = q_TD + (first + i) * width + column;
    for (int64_t j = 0; j < count; ++j)
      p[j] = dot(head_width(), q, k_TD + (first + j) * width + column) * scale();
    const T largest = *std::max_element(p, p + count);
    T total = 0;
    for (int64_t j = 0; j < count; ++j) total += p[j] = std::exp(p[j] - largest);
    for (int64_t j = 0; j < count; ++j) p[j] /= total;
  }

  /// Adds to dq, dk and dv. With m the dropout factors: dp = m (dy v^T), ds = p (dp - sum of p dp) /
  /// sqrt(head width), dq = ds k, dk = ds^T q, dv = (m p)^T dy.
  void backward(const Layout& layout, size_t b, const T* dy_TD, T* dq_TD, T* dk_TD, T* dv_TD) const {
    const int64_t first = layout.rows[b], length = layout.rows[b + 1] - first, d = head_width();
    std::vector<T> factors, dp(static_cast<size_t>(length));
    draw(layout, b, factors);
    const T* p = probabilities + layout.probabilities[b];
    const T* factor = factors.data();
    for (int64_t head = 0; head < heads; ++head) {
      const auto at = [&](int64_t row) { return (first + row) * width + head * d; };
      for (int64_t i = 0; i < length; ++i, p += length, factor += length) {
        const int64_t count = reach(i, length);
        const T* const dy = dy_TD + at(i);
        T p_dp = 0;
        for (int64_t j = 0; j < count; ++j) {
          T& dp_j = dp[static_cast<size_t>(j)];
          dp_j = dot(d, dy, v_TD + at(j)) * factor[j];
          p_dp += p[j] * dp_j;
          add_scaled(d, p[j] * factor[j], dy, dv_TD + at(j));
        }
        for (int64_t j = 0; j < count; ++j) {
          const T ds = p[j] * (dp[static_cast<size_t>(j)] - p_dp) * scale();
          add_scaled(d, ds, k_TD + at(j), dq_TD + at(i));
          add_scaled(d, ds, q_TD + at(i), dk_TD + at(j));
        }
      }
    }
  }
};

}  // namespace
}  // namespace cpu

namespace {

void check_attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& offsets_B1,
                     const AttentionOptions& options) {
  require(q.shape() == k.shape() && q.shape() == v.shape(),
          "[attention] expected queries, keys and values of one shape, got {}, {} and {}", q.shape().str(),
          k.shape().str(), v.shape().str());
  require(options.heads >= 1 && q.cols() % options.heads == 0,
          "[attention] a width of {} cannot be split into {} heads", q.cols(), options.heads);
  const auto offsets = offsets_B1.span<int32_t>();
  require(offsets.size() >= 2 && offsets.front() == 0 && offsets.back() == q.rows(),
          "[attention] expected offsets from 0 to {}", q.rows());
  for (size_t b = 1; b < offsets.size(); ++b) {
    require(offsets[b] > offsets[b - 1], "[attention] sequence {} is empty", b - 1);
  }
}

}  // namespace

Tensor attention(const Context& ctx, const Tensor& q_TD, const Tensor& k_TD, const Tensor& v_TD,
                 const Tensor& offsets_B1, const AttentionOptions& options) {
  check_attention(q_TD, k_TD, v_TD, offsets_B1, options);
  const bool dropping = ctx.training && options.dropout > 0;
  const cpu::DropoutMask mask(ctx.seed, ctx.step, options.layer, options.dropout);
  return visit_real(q_TD.dtype(), "attention", [&]<class T>() {
    const cpu::Layout layout(offsets_B1.span<int32_t>(), options.heads);
    Tensor y_TD = Tensor::empty(q_TD.shape(), q_TD.dtype());
    const Tensor probabilities = Tensor::empty({layout.probabilities.back()}, q_TD.dtype());
    const cpu::Attention<T> kernel{q_TD.cols(),    options.heads,  options.causal,
                                   mask,           dropping,       q_TD.data<T>(),
                                   k_TD.data<T>(), v_TD.data<T>(), probabilities.data<T>()};
    layout.for_each_sequence(ctx.parallel, [&](size_t b) { kernel.forward(layout, b, y_TD.data<T>()); });
    if (ctx.records({q_TD, k_TD, v_TD})) {
      ctx.record(
          "attention", y_TD,
          [&parallel = ctx.parallel, q_TD, k_TD, v_TD, probabilities, layout, kernel](const Tensor& dy_TD) {
            // An input without gradient gets one that nobody looks at.
            const auto grad = [](const Tensor& x) {
              return x.needs_grad() ? x.grad_to_add() : Tensor::zeros(x.shape(), x.dtype());
            };
            const Tensor dq = grad(q_TD), dk = grad(k_TD), dv = grad(v_TD);
            layout.for_each_sequence(parallel, [&](size_t b) {
              kernel.backward(layout, b, dy_TD.data<T>(), dq.data<T>(), dk.data<T>(), dv.data<T>());
            });
          });
    }
    return y_TD;
  });
}

}  // namespace cce
