// The elementwise formulas of the engine and their derivatives, each written once.
//
// A is a number, or a small array of numbers with the usual operators and functions: CPU kernels instantiate
// these with 16-lane Eigen arrays (lanes.h), GPU kernels with float. Hence no Eigen and no
// branches here: max(x, 0) is written (x + |x|) / 2, which is exact as long as 2 x is finite.
// derivative(x, y) takes the input and the output, whichever is cheaper to use.
#pragma once

#include <cmath>

#include "engine/host_device.h"

namespace cce::formulas {

/// What messages call an operation and its backward.
struct OpName {
  const char *forward, *backward;
};
#define CCE_OP_NAME(name)       \
  static constexpr OpName kOp { \
    name, name ", backward"     \
  }

/// The type of a single number of A. Constants that float does not hold exactly are written in it: a
/// double beside a GPU's float would make the GPU compute in double.
template <class A>
struct Number {
  using Type = A;
};
template <class A>
requires requires {
  typename A::Scalar;
}
struct Number<A> {
  using Type = typename A::Scalar;
};
template <class A>
using NumberOf = typename Number<A>::Type;

template <class A>
CCE_HOST_DEVICE A positive_part(const A& x) {
  using std::abs;
  return (x + abs(x)) * 0.5f;
}

template <class A>
CCE_HOST_DEVICE A negative_part(const A& x) {
  using std::abs;
  return (x - abs(x)) * 0.5f;
}

struct Sigmoid {
  CCE_OP_NAME("sigmoid");
  template <class A>
  CCE_HOST_DEVICE static A value(const A& x) {
    using std::exp;
    return 1.0f / (1.0f + exp(-x));
  }
  template <class A>
  CCE_HOST_DEVICE static A derivative(const A&, const A& y) {
    return y * (1.0f - y);
  }
};

/// log(sigmoid(x)) = min(x, 0) - log(1 + e^-|x|), finite for every finite x.
struct LogSigmoid {
  CCE_OP_NAME("log_sigmoid");
  template <class A>
  CCE_HOST_DEVICE static A value(const A& x) {
    using std::abs, std::exp, std::log1p;
    return negative_part(x) - log1p(A(exp(-abs(x))));
  }
  template <class A>
  CCE_HOST_DEVICE static A derivative(const A& x, const A&) {
    return Sigmoid::value(A(-x));
  }
};

struct Tanh {
  CCE_OP_NAME("tanh");
  template <class A>
  CCE_HOST_DEVICE static A value(const A& x) {
    using std::tanh;
    return tanh(x);
  }
  template <class A>
  CCE_HOST_DEVICE static A derivative(const A&, const A& y) {
    return 1.0f - y * y;
  }
};

struct Exp {
  CCE_OP_NAME("exp");
  template <class A>
  CCE_HOST_DEVICE static A value(const A& x) {
    using std::exp;
    return exp(x);
  }
  template <class A>
  CCE_HOST_DEVICE static A derivative(const A&, const A& y) {
    return y;
  }
};

struct Log {
  CCE_OP_NAME("log");
  template <class A>
  CCE_HOST_DEVICE static A value(const A& x) {
    using std::log;
    return log(x);
  }
  template <class A>
  CCE_HOST_DEVICE static A derivative(const A& x, const A&) {
    return 1.0f / x;
  }
};

struct Square {
  CCE_OP_NAME("square");
  template <class A>
  CCE_HOST_DEVICE static A value(const A& x) {
    return x * x;
  }
  template <class A>
  CCE_HOST_DEVICE static A derivative(const A& x, const A&) {
    return 2.0f * x;
  }
};

struct Relu {
  CCE_OP_NAME("relu");
  template <class A>
  CCE_HOST_DEVICE static A value(const A& x) {
    return positive_part(x);
  }
  template <class A>
  CCE_HOST_DEVICE static A derivative(const A&, const A& y) {
    return y / (y + 1e-30f);  // 0 at 0; 1 where y is above 1e-22, within float's precision
  }
};

/// x Phi(x) with the normal distribution function: the exact GELU, not its tanh approximation.
struct Gelu {
  CCE_OP_NAME("gelu");
  template <class A>
  CCE_HOST_DEVICE static A normal_cdf(const A& x) {
    using std::erf;
    return 0.5f * (1.0f + erf(A(x * NumberOf<A>(0.70710678118654752440))));
  }
  template <class A>
  CCE_HOST_DEVICE static A value(const A& x) {
    return x * normal_cdf(x);
  }
  template <class A>
  CCE_HOST_DEVICE static A derivative(const A& x, const A&) {
    using std::exp;
    return normal_cdf(x) + x * exp(A(x * x * -0.5f)) * NumberOf<A>(0.39894228040143267794);
  }
};

/// x above 0, e^x - 1 below (ELU with alpha 1); its slope is e^min(x, 0) on both sides.
struct Elu {
  CCE_OP_NAME("elu");
  template <class A>
  CCE_HOST_DEVICE static A value(const A& x) {
    using std::expm1;
    return positive_part(x) + expm1(A(negative_part(x)));
  }
  template <class A>
  CCE_HOST_DEVICE static A derivative(const A& x, const A&) {
    using std::exp;
    return exp(A(negative_part(x)));
  }
};

// Of two numbers. a_slope and b_slope are the derivatives by each.

struct Sum {
  CCE_OP_NAME("add");
  template <class A>
  CCE_HOST_DEVICE static A value(const A& a, const A& b) {
    return a + b;
  }
  template <class A>
  CCE_HOST_DEVICE static A a_slope(const A&, const A&) {
    return A(1);
  }
  template <class A>
  CCE_HOST_DEVICE static A b_slope(const A&, const A&) {
    return A(1);
  }
};

struct Difference {
  CCE_OP_NAME("subtract");
  template <class A>
  CCE_HOST_DEVICE static A value(const A& a, const A& b) {
    return a - b;
  }
  template <class A>
  CCE_HOST_DEVICE static A a_slope(const A&, const A&) {
    return A(1);
  }
  template <class A>
  CCE_HOST_DEVICE static A b_slope(const A&, const A&) {
    return A(-1);
  }
};

struct Product {
  CCE_OP_NAME("multiply");
  template <class A>
  CCE_HOST_DEVICE static A value(const A& a, const A& b) {
    return a * b;
  }
  template <class A>
  CCE_HOST_DEVICE static A a_slope(const A&, const A& b) {
    return b;
  }
  template <class A>
  CCE_HOST_DEVICE static A b_slope(const A& a, const A&) {
    return a;
  }
};

}  // namespace cce::formulas
