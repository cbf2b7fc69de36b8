#include "tests/gradcheck.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/random.h"

namespace cce::test {
namespace {

/// sum(g * y), with g drawn for y's shape.
double weighted_sum(const Tensor& y, const Tensor& g) {
  double total = 0;
  for (int64_t i = 0; i < y.size(); ++i) total += y.data<double>()[i] * g.data<double>()[i];
  return total;
}

}  // namespace

Tensor random_tensor(const Shape& shape, uint64_t salt, double scale, DType dtype) {
  Tensor tensor = Tensor::empty(shape, DType::f64);
  RandomStream random(salt, Purpose::test);
  for (double& value : tensor.span<double>()) value = scale * (2 * random.uniform() - 1);
  return tensor.to(dtype);
}

double gradient_error(const Function& f, const std::vector<Tensor>& inputs, bool training, double epsilon) {
  Parallel parallel(2);
  Tape tape;
  const Context recording{.parallel = parallel, .tape = &tape, .training = training, .seed = 7, .step = 3};
  const Context plain{.parallel = parallel, .training = training, .seed = 7, .step = 3};

  const Tensor output = f(recording, inputs);
  const Tensor g = random_tensor(output.shape(), 999);
  for (const Tensor& input : inputs) input.clear_grad();
  tape.backward(output, g);
  std::vector<Tensor> written;  // where nothing was there before
  for (const Tensor& input : inputs) {
    written.push_back(input.needs_grad() ? input.grad_to_add() : Tensor());
    input.clear_grad();
    if (input.needs_grad()) std::ranges::fill(input.grad_to_add().span<double>(), 0.25);
  }
  tape.backward(f(recording, inputs), g);

  double worst = 0;
  bool checked = false;
  for (size_t which = 0; which < inputs.size(); ++which) {
    const Tensor& input = inputs[which];
    if (!input.needs_grad()) continue;
    double largest = 0, difference = 0;
    checked = checked || input.size() > 0;
    for (int64_t i = 0; i < input.size(); ++i) {
      double& x = input.data<double>()[i];
      const double before = x;
      x = before + epsilon;
      const double above = weighted_sum(f(plain, inputs), g);
      x = before - epsilon;
      const double below = weighted_sum(f(plain, inputs), g);
      x = before;
      const double numeric = (above - below) / (2 * epsilon);
      const double added_error = std::abs(input.grad().data<double>()[i] - 0.25 - numeric);
      const double written_error = std::abs(written[which].data<double>()[i] - numeric);
      if (!std::isfinite(added_error) || !std::isfinite(written_error))
        return std::numeric_limits<double>::infinity();
      largest = std::max(largest, std::abs(numeric));
      difference = std::max({difference, added_error, written_error});
    }
    worst = std::max(worst, difference / std::max(largest, 1e-8));
  }
  require(checked, "[gradient_error] no input has a gradient to check");
  return worst;
}

double relative_error(const Tensor& a, const Tensor& b) {
  if (!(a.shape() == b.shape())) return std::numeric_limits<double>::infinity();
  const Tensor x = a.to(DType::f64), y = b.to(DType::f64);
  double difference = 0, largest = 0;
  for (int64_t i = 0; i < x.size(); ++i) {
    const double d = std::abs(x.data<double>()[i] - y.data<double>()[i]);
    if (!std::isfinite(d)) return std::numeric_limits<double>::infinity();
    difference = std::max(difference, d);
    largest = std::max(largest, std::abs(y.data<double>()[i]));
  }
  return difference == 0 ? 0 : difference / largest;
}

}  // namespace cce::test
