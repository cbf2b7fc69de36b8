// Checks derivatives against finite differences, in double.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/context.h"
#include "engine/tensor.h"

namespace cce::test {

/// A tensor of reproducible numbers, uniform in (-scale, scale); `salt` tells tensors apart.
Tensor random_tensor(const Shape& shape, uint64_t salt, double scale = 1, DType dtype = DType::f64);

/// Computes something from the inputs.
using Function = std::function<Tensor(const Context&, const std::vector<Tensor>&)>;

/// The largest relative error, max |a - n| / max |n| over one input, between the gradient of sum(g *
/// f(inputs)) by the tape, a, and by central differences, n. g is a fixed random tensor, so that
/// errors do not cancel. All inputs must be float64; those with needs_grad() are checked, and there must be
/// one. Infinity where a number is not finite. Also covers that gradients are
/// added to what is there, and written where nothing is.
double gradient_error(const Function& f, const std::vector<Tensor>& inputs, bool training = false,
                      double epsilon = 1e-6);

/// max |a - b| / max |b|, the measure for everything numeric; infinity where shapes differ or a number is not
/// finite.
double relative_error(const Tensor& a, const Tensor& b);

}  // namespace cce::test
