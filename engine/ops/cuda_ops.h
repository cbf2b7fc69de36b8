// The operations' kernels on the GPU: cuda::fn is what cpu::fn is, and stands in the .cu file beside its
// .cpp. Pointers are to the GPU's memory. Nothing here waits for the GPU. Declared in every build, defined
// only where CUDA is part of it.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/ops/broadcast.h"
#include "engine/ops/dropout_draw.h"
#include "engine/ops/gru_problem.h"
#include "engine/step_numbers.h"

namespace cce::cuda {

// ---- activations.cu

template <class Formula>
void map_forward(int64_t size, const float* x, float* y);
template <class Formula>
void map_backward(int64_t size, const float* x, const float* y, const float* dy, float* dx, bool add);

// ---- arithmetic.cu

template <class Formula>
void binary_forward(int64_t size, Broadcast of, const float* a, const float* b, float* y);
template <class Formula>
void binary_backward_a(int64_t size, Broadcast of, const float* a, const float* b, const float* dy, float* da,
                       bool add);
template <class Formula>
void binary_backward_b(int64_t size, Broadcast of, const float* a, const float* b, const float* dy, float* db,
                       bool add);
void affine_forward(int64_t size, float scale, float shift, const float* x, float* y);
void affine_backward(int64_t size, float scale, const float* dy, float* dx, bool add);

// ---- dropout.cu

void dropout_apply(const DropoutDraw& draw, int64_t size, const float* x, float* y, bool add);

// ---- append_column.cu

void append_column_forward(int64_t rows, int64_t width, int64_t wider, const float* x, const float* column,
                           float* y);
void append_column_backward(int64_t rows, int64_t width, int64_t wider, const float* dy, float* dx,
                            float* dcolumn);

// ---- reductions.cu

void row_sum_forward(int64_t rows, int64_t cols, float scale, const float* x, float* y);
void row_sum_backward(int64_t rows, int64_t cols, float scale, const float* dy, float* dx);
/// Of the first *rows_in_use rows (null: of all); the others' gradient is left alone.
void total_forward(int64_t rows, int64_t cols, const int32_t* rows_in_use, bool mean, const float* x,
                   float* y);
void total_backward(int64_t rows, int64_t cols, const int32_t* rows_in_use, bool mean, const float* dy,
                    float* dx);
void row_softmax_forward(int64_t rows, int64_t cols, const float* x, float* y);
void row_softmax_backward(int64_t rows, int64_t cols, const float* y, const float* dy, float* dx);

// ---- row_log_sum_exp.cu

void row_log_sum_exp_forward(int64_t rows, int64_t cols, const float* x, float* y);
void row_log_sum_exp_backward(int64_t rows, int64_t cols, const float* x, const float* y, const float* dy,
                              float* dx);

// ---- give_scaled.cu

/// numbers[i] *= *dloss.
void scale_in_place(int64_t size, const float* dloss, float* numbers);
/// into[i] += *dloss * from[i].
void add_scaled(int64_t size, const float* from, const float* dloss, float* into);

// ---- ndcg_deltas.cu

void ndcg_deltas(int64_t rows, int64_t count, const float* positives, const float* negatives, float* deltas);

// ---- linear.cu

void linear_forward(int64_t rows, int64_t width, int64_t outputs, const float* x, const float* weight,
                    const float* bias, float* y);
void linear_backward_x(int64_t rows, int64_t width, int64_t outputs, const float* dy, const float* weight,
                       float* dx, bool add);
void linear_backward_weight(int64_t rows, int64_t width, int64_t outputs, const float* x, const float* dy,
                            float* dweight, float* dbias);

// ---- embedding.cu

void embedding_forward(int64_t count, int64_t width, const float* table, const int32_t* ids, float* y);
void embedding_backward(int64_t count, int64_t width, int64_t rows, const int32_t* ids, int64_t padding_row,
                        const float* dy, float* dtable);

// ---- layer_norm.cu

void layer_norm_forward(int64_t rows, int64_t width, double eps, const float* x, const float* weight,
                        const float* bias, float* y, float* mean, float* rstd);
void layer_norm_backward_x(int64_t rows, int64_t width, const float* x, const float* weight,
                           const float* mean, const float* rstd, const float* dy, float* dx, bool add);
void layer_norm_backward_weight(int64_t rows, int64_t width, const float* x, const float* mean,
                                const float* rstd, const float* dy, float* dweight, float* dbias);

// ---- gru.cu

constexpr int64_t kWidestGru = 1024;  ///< hidden units

void gru_forward(const GruSizes& sizes, const int32_t* offsets, const float* inputs_TG,
                 const float* weight_GH, const float* initial_BH, float* states_TH,
                 const GruSaved<float>& saved);
/// Adds to those gradients that are not null.
void gru_backward(const GruSizes& sizes, const int32_t* offsets, const float* weight_GH,
                  const float* initial_BH, const float* states_TH, const GruSaved<float>& saved,
                  const float* dstates_TH, float* dinputs_TG, float* dweight_GH, float* dinitial_BH);

// ---- states_before.cu

void states_before_forward(int64_t steps, int64_t width, int64_t sequences, const int32_t* offsets,
                           const float* states, float* y);
void states_before_backward(int64_t steps, int64_t width, int64_t sequences, const int32_t* offsets,
                            const float* dy, float* dstates);

// ---- attention.cu

constexpr int64_t kWidestHead = 256;  ///< columns

struct AttentionSizes {
  int64_t rows, sequences, width, heads;
  bool causal, dropping;
  DropoutDraw draw;
};
/// What backward needs: [T, D] each, and log_sums [T, heads].
struct AttentionTensors {
  const float *q, *k, *v, *y, *dy, *log_sums;
};
void attention_forward(const AttentionSizes& sizes, const int32_t* offsets, const float* q, const float* k,
                       const float* v, float* y, float* log_sums);
/// Adds to those gradients that are not null.
void attention_backward(const AttentionSizes& sizes, const int32_t* offsets, const AttentionTensors& tensors,
                        float* dq, float* dk, float* dv);

// ---- candidate_scores.cu

void candidate_scores_forward(int64_t rows, int64_t width, int64_t candidates, const float* x,
                              const float* table, const int32_t* ids, float* scores);
void candidate_scores_backward_x(int64_t rows, int64_t width, int64_t candidates, const float* table,
                                 const int32_t* ids, const float* ds, float* dx);
void candidate_scores_backward_table(int64_t rows, int64_t width, int64_t candidates, int64_t items,
                                     const float* x, const int32_t* ids, const float* ds, float* dtable);

// ---- linear_cross_entropy.cu and linear_multi_label.cu

/// *loss becomes the mean (the sum) over rows; dx and dtable, unless null, its gradients. The rows that count
/// are the first *rows_in_use; null: all.
void linear_cross_entropy_forward(int64_t rows, int64_t width, int64_t items, const int32_t* rows_in_use,
                                  const float* x, const float* table, const int32_t* targets, float* loss,
                                  float* dx, float* dtable);
void linear_multi_label_forward(int64_t rows, int64_t width, int64_t labels, const int32_t* rows_in_use,
                                const float* x, const float* table, const int32_t* sets,
                                const int32_t* set_offsets, const int32_t* label_ids, float* loss, float* dx,
                                float* dtable);

// ---- target_ranks.cu

/// Per row, how many candidates score higher than the target and how many (the target among them, if it is a
/// candidate) the same. All on the GPU.
struct RankProblem {
  int64_t rows, width, items;
  const float *x, *table;               ///< [rows, width], [items, width]
  const int32_t *targets, *zeroed;      ///< [rows]; whether the target's own score counts as 0
  const int32_t *seen_offsets, *seen;   ///< [rows + 1]: which of the seen items are the row's
  bool keep, zero;                      ///< seen items stay candidates; they do, with the score 0
  float *target_scores, *plain_scores;  ///< [rows]: as compared with, and before it became 0
  int32_t *higher, *same;               ///< [rows]: added to
};
void count_target_ranks(const RankProblem& problem);

// ---- top_items.cu

/// Per row the `count` items that score highest, in no order. `count` is at most `items`. All on the GPU.
struct TopProblem {
  int64_t rows, width, items, count;
  const float *x, *table;              ///< [rows, width], [items, width]
  const int32_t *seen_offsets, *seen;  ///< [rows + 1]: which of the seen items are the row's
  bool keep, zero;                     ///< seen items stay candidates; they do, with the score 0
  int32_t* best_items;                 ///< [rows, count]
  float* best_scores;                  ///< -infinity for what is no candidate
};
void find_top_items(const TopProblem& problem);

// ---- step_losses.cu

constexpr int64_t kMostKept = 8;
/// What is kept of a step.
struct KeptNumbers {
  int64_t count;
  const float* numbers[kMostKept];  ///< the first is the loss
};
/// kept[place, i] = *numbers[i]; *failed = 1 if the loss is not finite. `now`, unless null, has the place.
void keep_step(const KeptNumbers& step, int64_t place, const StepNumbers* now, float* kept, int32_t* failed);

// ---- optim.cu

struct AdamTensor {
  int64_t size;
  const float* grad;
  float *m, *v, *w;
};
/// gradient_scale is one number on the GPU, or null for 1. Nothing changes if *frozen is not 0 (null: it is).
/// What of the numbers stands in `now` is read there, unless that is null.
void adam_step(const AdamNumbers<float>& step, const StepNumbers* now, const float* gradient_scale,
               const int32_t* frozen, const std::vector<AdamTensor>& tensors);
/// *square += the sum of the squares; parts is scratch for kSquareParts numbers.
constexpr int64_t kSquareParts = 256;
void add_squares(int64_t size, const float* numbers, double* parts, double* square);
/// *scale = min(1, clip_norm / (sqrt(*square) + 1e-6)).
void clip_scale(const double* square, double clip_norm, float* scale);

}  // namespace cce::cuda
