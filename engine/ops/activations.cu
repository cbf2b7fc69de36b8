// Functions of one number, applied to every element: one thread, one element. The formulas are those of the
// CPU (formulas.h).
#include "engine/cuda/for_each.h"
#include "engine/ops/cuda_ops.h"
#include "engine/ops/formulas.h"

namespace cce::cuda {
namespace {

/// y = f(x).
template <class Formula>
struct Forward {
  const float* x;
  float* y;
  __device__ void operator()(int64_t i) const { y[i] = Formula::value(x[i]); }
};

/// dx = dy f'(x), or is added to.
template <class Formula>
struct Backward {
  const float *x, *y, *dy;
  float* dx;
  bool add;
  __device__ void operator()(int64_t i) const {
    dx[i] = (add ? dx[i] : 0.0F) + dy[i] * Formula::derivative(x[i], y[i]);
  }
};

}  // namespace

template <class Formula>
void map_forward(int64_t size, const float* x, float* y) {
  for_each(Formula::kOp.forward, size, Forward<Formula>{x, y});
}

template <class Formula>
void map_backward(int64_t size, const float* x, const float* y, const float* dy, float* dx, bool add) {
  for_each(Formula::kOp.backward, size, Backward<Formula>{x, y, dy, dx, add});
}

#define INSTANTIATE(Formula)                                         \
  template void map_forward<Formula>(int64_t, const float*, float*); \
  template void map_backward<Formula>(int64_t, const float*, const float*, const float*, float*, bool)

INSTANTIATE(formulas::Sigmoid);
INSTANTIATE(formulas::LogSigmoid);
INSTANTIATE(formulas::Tanh);
INSTANTIATE(formulas::Exp);
INSTANTIATE(formulas::Log);
INSTANTIATE(formulas::Square);
INSTANTIATE(formulas::Relu);
INSTANTIATE(formulas::Gelu);
INSTANTIATE(formulas::Elu);

}  // namespace cce::cuda
