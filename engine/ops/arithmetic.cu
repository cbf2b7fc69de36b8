// Sums, differences and products of two tensors, element by element: one thread, one element. Where the
// second operand is a column, its gradient is a sum over each row: one warp, one row.
#include "engine/cuda/for_each.h"
#include "engine/cuda/reduce.h"
#include "engine/ops/cuda_ops.h"
#include "engine/ops/formulas.h"

namespace cce::cuda {
namespace {

constexpr int kWarpsPerBlock = 8;

/// y[i] = f(a[i], b[of i]).
template <class Formula>
struct Forward {
  Broadcast of;
  const float *a, *b;
  float* y;
  __device__ void operator()(int64_t i) const { y[i] = Formula::value(a[i], b[of(i)]); }
};

/// da[i] = dy[i] df/da, or is added to.
template <class Formula>
struct BackwardA {
  Broadcast of;
  const float *a, *b, *dy;
  float* da;
  bool add;
  __device__ void operator()(int64_t i) const {
    da[i] = (add ? da[i] : 0.0F) + dy[i] * Formula::a_slope(a[i], b[of(i)]);
  }
};

/// db[i] = dy[i] df/db, or is added to, both of one shape.
template <class Formula>
struct BackwardB {
  const float *a, *b, *dy;
  float* db;
  bool add;
  __device__ void operator()(int64_t i) const {
    db[i] = (add ? db[i] : 0.0F) + dy[i] * Formula::b_slope(a[i], b[i]);
  }
};

/// db[row] = sum over the row of dy df/db, or is added to: the lanes of a warp take every 32nd element, then
/// add up.
template <class Formula>
__global__ void column_backward_kernel(int64_t rows, int64_t cols, const float* a, const float* b,
                                       const float* dy, float* db, bool add) {
  const int64_t row = static_cast<int64_t>(blockIdx.x) * kWarpsPerBlock + threadIdx.x / kWarp;
  if (row >= rows) return;  // the whole warp
  float total = 0;
  for (int64_t col = lane_of_thread(); col < cols; col += kWarp) {
    const int64_t i = row * cols + col;
    total += dy[i] * Formula::b_slope(a[i], b[row]);
  }
  total = warp_sum(total);
  if (lane_of_thread() == 0) db[row] = (add ? db[row] : 0.0F) + total;
}

struct AffineForward {
  float scale, shift;
  const float* x;
  float* y;
  __device__ void operator()(int64_t i) const { y[i] = x[i] * scale + shift; }
};

struct AffineBackward {
  float scale;
  const float* dy;
  float* dx;
  bool add;
  __device__ void operator()(int64_t i) const { dx[i] = (add ? dx[i] : 0.0F) + dy[i] * scale; }
};

}  // namespace

template <class Formula>
void binary_forward(int64_t size, Broadcast of, const float* a, const float* b, float* y) {
  for_each(Formula::kOp.forward, size, Forward<Formula>{of, a, b, y});
}

template <class Formula>
void binary_backward_a(int64_t size, Broadcast of, const float* a, const float* b, const float* dy, float* da,
                       bool add) {
  for_each(Formula::kOp.backward, size, BackwardA<Formula>{of, a, b, dy, da, add});
}

template <class Formula>
void binary_backward_b(int64_t size, Broadcast of, const float* a, const float* b, const float* dy, float* db,
                       bool add) {
  if (of.cols == 0) return for_each(Formula::kOp.backward, size, BackwardB<Formula>{a, b, dy, db, add});
  const int64_t rows = size / of.cols;
  launch({Formula::kOp.backward, pieces(rows, kWarpsPerBlock), kWarpsPerBlock * kWarp},
         column_backward_kernel<Formula>, rows, of.cols, a, b, dy, db, add);
}

#define INSTANTIATE(Formula)                                                                             \
  template void binary_forward<Formula>(int64_t, Broadcast, const float*, const float*, float*);         \
  template void binary_backward_a<Formula>(int64_t, Broadcast, const float*, const float*, const float*, \
                                           float*, bool);                                                \
  template void binary_backward_b<Formula>(int64_t, Broadcast, const float*, const float*, const float*, \
                                           float*, bool)

INSTANTIATE(formulas::Sum);
INSTANTIATE(formulas::Difference);
INSTANTIATE(formulas::Product);

void affine_forward(int64_t size, float scale, float shift, const float* x, float* y) {
  for_each("affine", size, AffineForward{scale, shift, x, y});
}

void affine_backward(int64_t size, float scale, const float* dy, float* dx, bool add) {
  for_each("affine, backward", size, AffineBackward{scale, dy, dx, add});
}

}  // namespace cce::cuda
