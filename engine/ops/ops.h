// The operations that models and losses are made of: the table of contents of engine/ops/. All are
// differentiable but ndcg_deltas. (Evaluation has target_ranks.h.)
//
// Each declaration states formula, shapes and gradient; the file of the same name holds shape checks, the
// record on the tape, and the kernels, forward above backward. Shape letters: T positions of a packed batch,
// B sequences, P rows that a loss looks at, N columns of such a row (of append_column: rows), D width of a
// row, O width of what comes out, H width of a GRU's state, G = 3 H, I items, C candidates, A labels, S sets
// of them, L steps before a sequence. `dx` is d(loss)/dx. Tensors are float32 or float64 (all of one call
// alike), ids are int32. Backward functions add to gradients that are already there.
//
// Shapes that do not fit throw. Ids, rows, offsets and labels that point outside throw on the CPU; a GPU
// takes them unseen, so they must have been checked before.
#pragma once

#include "engine/context.h"
#include "engine/tensor.h"

namespace cce {

// ---- arithmetic.cpp

/// a + b, a - b, a * b, element by element. b has a's shape, or is a column [P, 1] beside a of shape [P, N].
/// da = dy, dy, dy * b; db = dy, -dy, dy * a, summed over the row where b is a column.
Tensor add(const Context& ctx, const Tensor& a, const Tensor& b);
Tensor subtract(const Context& ctx, const Tensor& a, const Tensor& b);
Tensor multiply(const Context& ctx, const Tensor& a, const Tensor& b);
/// scale * x + shift; dx = scale * dy.
Tensor affine(const Context& ctx, const Tensor& x, double scale, double shift = 0);

// ---- activations.cpp (the formulas, with their derivatives: formulas.h)

Tensor sigmoid(const Context& ctx, const Tensor& x);
Tensor log_sigmoid(const Context& ctx, const Tensor& x);
Tensor tanh(const Context& ctx, const Tensor& x);
Tensor exp(const Context& ctx, const Tensor& x);
Tensor log(const Context& ctx, const Tensor& x);
Tensor square(const Context& ctx, const Tensor& x);
Tensor relu(const Context& ctx, const Tensor& x);
/// x Phi(x), exact.
Tensor gelu(const Context& ctx, const Tensor& x);
/// x above 0, e^x - 1 below.
Tensor elu(const Context& ctx, const Tensor& x);

// ---- reductions.cpp

/// The sum and the mean of all elements, a scalar; dx = dy and dy / size. Both are of the rows that count
/// (see Context::numbers), whose number takes the place of all; the others' gradient is 0.
Tensor sum(const Context& ctx, const Tensor& x);
Tensor mean(const Context& ctx, const Tensor& x);
/// y[P, 1] = sum of row p of x[P, N]; dx[p, :] = dy[p].
Tensor row_sum(const Context& ctx, const Tensor& x_PN);
/// y[p, :] = exp(x[p, :] - max) / sum of the same; dx = y * (dy - sum over the row of y dy).
Tensor row_softmax(const Context& ctx, const Tensor& x_PN);

// ---- row_log_sum_exp.cpp

/// y[P, 1] = log(sum of exp(x[p, :])), also where the sum itself would overflow; dx[p, :] = dy[p]
/// softmax(x[p, :]).
Tensor row_log_sum_exp(const Context& ctx, const Tensor& x_PN);

// ---- ndcg_deltas.cpp

/// y[p, n] = |1 / log2(2 + rank of the positive) - 1 / log2(2 + rank of negative n)|, the ranks (0 is best)
/// being those among the N + 1 scores of row p: the change of NDCG if the two swapped places (Burges 2010).
/// Of equal scores the positive ranks last, and earlier columns before later ones. A constant: no gradient
/// flows through ranks.
Tensor ndcg_deltas(const Context& ctx, const Tensor& positive_P1, const Tensor& negative_PN);

// ---- linear.cpp

/// y[T, O] = x[T, D] weight[O, D]^T + bias[O]; the bias may be undefined.
/// dx = dy weight, dweight = dy^T x, dbias = sum of dy over rows.
Tensor linear(const Context& ctx, const Tensor& x_TD, const Tensor& weight_OD, const Tensor& bias_O);

// ---- embedding.cpp

/// y[T, D] = table[ids[T], :]. dtable[ids[t], :] += dy[t, :].
/// With `padding_row` >= 0 that row receives no gradient, as in a lookup that pads with it.
Tensor embedding(const Context& ctx, const Tensor& table_ID, const Tensor& ids_T, int64_t padding_row = -1);

/// y[P, D] = x[rows[P], :]: the rows of x that a loss or a reader looks at. dx[rows[p], :] += dy[p, :].
Tensor select_rows(const Context& ctx, const Tensor& x_TD, const Tensor& rows_P);

// ---- append_column.cpp

/// y[N, W] = x[N, D], column[N] beside it, and zeros up to W, the next multiple of 8 above D: products are
/// faster with rows of whole vectors. dx = dy[:, :D], dcolumn = dy[:, D].
/// With a column of biases beside a table, and of ones beside what it is scored with, scores have a bias.
Tensor append_column(const Context& ctx, const Tensor& x_ND, const Tensor& column_N);

// ---- dropout.cpp

/// In training, y = x * keep / (1 - p) with keep = 0 with probability p (0 <= p < 1), drawn anew for every
/// step; otherwise y = x. The mask depends on (seed, step, layer, row, column) alone, is not stored, and is
/// the same on every device. dx = dy * keep / (1 - p).
Tensor dropout(const Context& ctx, const Tensor& x_TD, double p, uint32_t layer);

// ---- layer_norm.cpp

/// y = (x - mean) / sqrt(variance + eps) * weight + bias over each row, with the biased variance (Ba et al.
/// 2016). With n = (x - mean) / sqrt(variance + eps) and g = dy * weight: dx = (g - mean(g) - n mean(g n)) /
/// sqrt(variance + eps), dweight = sum of dy * n over rows, dbias = sum of dy.
Tensor layer_norm(const Context& ctx, const Tensor& x_TD, const Tensor& weight_D, const Tensor& bias_D,
                  double eps);

// ---- gru.cpp

/// On which side of U_n the reset gate stands.
enum class ResetGate {
  after,   ///< r * (U_n h), as in PyTorch and cuDNN
  before,  ///< U_n (r * h), as in Cho et al. 2014 and Eq. 5 of the paper
};

struct GruOptions {
  /// [B, H]: h before each sequence's first step; undefined: zeros.
  Tensor initial_BH = {};
  ResetGate reset = ResetGate::after;
};

/// One GRU layer over packed sequences. Row offsets[b] + t of every [T, ...] tensor is step t of sequence b;
/// sequences stand longest first, so that those still running at step t are the first n_t. (Checked on the
/// CPU. A GPU takes any order: a captured step is filled up with sequences behind the others, see
/// data/filled_up.h.) From h = initial:
///   r = sigmoid(W_r x + U_r h),  z = sigmoid(W_z x + U_z h),
///   n = tanh(W_n x + r * (U_n h))  or, with the reset gate before,  n = tanh(W_n x + U_n (r * h)),
///   h <- (1 - z) * n + z * h.
/// Eq. 3-6 of the paper call 1 - z what is z here, and write sigmoid for tanh.
/// inputs_TG = x W^T, [T, 3H] with the gates in the order r, z, n, comes from `linear`; weight_hh = U is [3H,
/// H]. Returns all h, [T, H]. With g the gradient of the gates' arguments (from the derivatives of sigmoid
/// and tanh, last step first) dinputs = g, dU = g^T h, and dh of the step before gains z dh + g U; in the
/// third of n, the reset gate stands beside U_n in both. dinitial is what is left before each sequence's
/// first step. On a GPU H is at most 1024.
Tensor gru(const Context& ctx, const Tensor& inputs_TG, const Tensor& weight_hh_GH, const Tensor& offsets_B1,
           const GruOptions& options = {});

// ---- states_before.cpp

/// Of the states after each of L steps [L, H] those that sequences begin with, [B, H], where each is as many
/// items long as there are steps behind its state: y[b, :] = states[L - length(b) - 1, :], and zeros for a
/// sequence of L items. No sequence is longer (checked on the CPU). dstates[L - length(b) - 1, :] += dy[b,
/// :].
Tensor states_before(const Context& ctx, const Tensor& states_LH, const Tensor& offsets_B1);

// ---- attention.cpp

struct AttentionOptions {
  int64_t heads = 1;   ///< the width is split evenly between them, on a GPU into 256 columns each at most
  bool causal = true;  ///< position i attends to 0 .. i only; otherwise to its whole sequence
  double dropout = 0;  ///< of the probabilities, in training
  uint32_t layer = 0;  ///< number of this dropout, see dropout()
};

/// Within each packed sequence and head, y = (m p) v with p = softmax(q k^T / sqrt(D / heads)) and m the
/// factors of dropout, all of them 1 outside training; q, k, v, y are [T, D], a head is a run of D / heads
/// columns, offsets is [B + 1]. Positions attend only to their own sequence, which is never empty. (Checked
/// on the CPU. A GPU takes empty ones: a captured step is filled up with them, see data/filled_up.h.) dv = (m
/// p)^T dy, dp = m (dy v^T), ds = p (dp - sum over keys of p dp) / sqrt(D / heads), dq = ds k, dk = ds^T q.
Tensor attention(const Context& ctx, const Tensor& q_TD, const Tensor& k_TD, const Tensor& v_TD,
                 const Tensor& offsets_B1, const AttentionOptions& options);

// ---- candidate_scores.cpp

/// scores[P, C] = x[p] . table[ids[p, c]]: the scores of a few candidates per row, as sampled losses need
/// them. dx[p] += sum over c of ds[p, c] table[ids[p, c]], dtable[ids[p, c]] += ds[p, c] x[p].
Tensor candidate_scores(const Context& ctx, const Tensor& x_PD, const Tensor& table_ID, const Tensor& ids_PC);

// ---- linear_cross_entropy.cpp

/// The mean over rows of the softmax cross-entropy of x table^T (Eq. 23 and, over all timestamps, Eq. 26):
///   loss = 1/P sum over p of  log(sum over i of exp(x_p . w_i)) - x_p . w_target(p).
/// x [P, D], table [I, D], targets [P]. The [P, I] scores are never stored: rows are worked off in chunks.
/// With softmax s: dx_p = (sum over i of s_pi w_i - w_target) / P, dtable_i = sum over p of (s_pi - [i =
/// target]) x_p / P. The rows, and P, are those that count (see Context::numbers); the others' gradient is 0.
Tensor linear_cross_entropy(const Context& ctx, const Tensor& x_PD, const Tensor& table_ID,
                            const Tensor& targets_P);

// ---- linear_multi_label.cpp

/// Sets of labels: set s has ids[offsets[s]] .. ids[offsets[s + 1] - 1], each once. All int32.
struct LabelSets {
  Tensor offsets_S1;
  Tensor ids;
};

/// The sum over rows and labels of the binary cross-entropy of z = x table^T, each row having a few of A
/// labels:
///   loss = sum over p of  (sum over a of log(1 + e^z_pa)) - (sum over the labels a of row p of z_pa).
/// x [P, D], table [A, D]; row p has the labels of set sets[p]. The [P, A] scores are never
/// stored: rows are worked off in chunks. With dz = sigmoid(z) - [a is a label of p]: dx = dz table, dtable =
/// dz^T x. The rows are those that count (see Context::numbers); the others' gradient is 0.
Tensor linear_multi_label(const Context& ctx, const Tensor& x_PD, const Tensor& table_AD,
                          const Tensor& sets_P, const LabelSets& labels);

}  // namespace cce
