// The operations' kernels on the GPU: cuda::fn is what cpu::fn is, and stands in the .cu file beside its
// .cpp. Pointers are to the GPU's memory. Nothing here waits for the GPU. Declared in every build, defined
// only where CUDA is part of it.
#pragma once

#include <cstdint>

#include "engine/ops/broadcast.h"
#include "engine/ops/dropout_draw.h"

namespace cce::cuda {

// ---- activations.cu

template <class Formula>
void map_forward(int64_t size, const float* x, float* y);
template <class Formula>
void map_backward(int64_t size, const float* x, const float* y, const float* dy, float* dx);

// ---- arithmetic.cu

template <class Formula>
void binary_forward(int64_t size, Broadcast of, const float* a, const float* b, float* y);
template <class Formula>
void binary_backward_a(int64_t size, Broadcast of, const float* a, const float* b, const float* dy,
                       float* da);
template <class Formula>
void binary_backward_b(int64_t size, Broadcast of, const float* a, const float* b, const float* dy,
                       float* db);
void affine_forward(int64_t size, float scale, float shift, const float* x, float* y);
void affine_backward(int64_t size, float scale, const float* dy, float* dx);

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
void row_softmax_forward(int64_t rows, int64_t cols, const float* x, float* y);
void row_softmax_backward(int64_t rows, int64_t cols, const float* y, const float* dy, float* dx);
// ---- row_log_sum_exp.cu

void row_log_sum_exp_forward(int64_t rows, int64_t cols, const float* x, float* y);
void row_log_sum_exp_backward(int64_t rows, int64_t cols, const float* x, const float* y, const float* dy,
                              float* dx);

}  // namespace cce::cuda
