// Losses that are fetched later, and weights that stay as they were when one was no number.
#include "engine/step_losses.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "engine/optim.h"
#include "tests/gpu/same_on_both.h"

namespace cce::test {
namespace {

Tensor scalar(double value, Device device) {
  const std::vector<float> one{static_cast<float>(value)};
  return Tensor::from(Shape{}, one).to(device);
}

}  // namespace

TEST_CASE("step losses on the CPU are there after each step") {
  StepLosses losses(Device::cpu, 1);
  CHECK(!losses.failed().defined());
  losses.begin(3, 7);
  losses.keep({scalar(0.5, Device::cpu)});
  CHECK(losses.full());
  const std::vector<StepLoss> taken = losses.take();
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].step == 3);
  CHECK(taken[0].rows == 7);
  CHECK(taken[0].numbers == std::vector<double>{0.5});
  CHECK(!losses.full());
  CHECK_THROWS_AS(losses.keep({scalar(0.5, Device::cpu)}), Error);  // of no step
  losses.begin(4, 7);
  CHECK_THROWS_AS(losses.keep({}), Error);
  CHECK_THROWS_AS(losses.begin(5, 7), Error);
}

TEST_CASE("gpu: step losses are fetched many at a time, in order") {
  StepLosses losses(Device::cuda, 2);
  for (int round = 0; round < 2; ++round) {
    int64_t steps = 0;
    for (; !losses.full(); ++steps) {
      CHECK(losses.begin(steps, 10 + steps) == steps);
      losses.keep({scalar(0.25 * static_cast<double>(steps), Device::cuda), scalar(-1, Device::cuda)});
    }
    CHECK(steps == 64);
    const std::vector<StepLoss> taken = losses.take();
    REQUIRE(taken.size() == 64);
    CHECK(taken[63].step == 63);
    CHECK(taken[63].rows == 73);
    CHECK(taken[63].numbers == std::vector<double>{0.25 * 63, -1});
  }
  CHECK(losses.take().empty());
  CHECK(losses.failed().to(Device::cpu).span<int32_t>()[0] == 0);
}

TEST_CASE("gpu: weights freeze with the first loss that is no number") {
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
    Tensor w = random_floats({40}, 1).to(Device::cuda);
    w.set_needs_grad(true);
    Adam adam({{"w", w}}, {.lr = 0.1});
    StepLosses losses(Device::cuda, 1);
    adam.freeze_when(losses.failed());
    Parallel parallel(1);
    std::vector<Tensor> after{w.to(Device::cpu)};
    for (const double loss : {1.0, bad, 1.0}) {
      losses.begin(std::ssize(after), 1);
      losses.keep({scalar(loss, Device::cuda)});
      w.grad_to_add().copy_from(random_floats({40}, 2));
      adam.step(parallel);
      CHECK(!w.grad().defined());
      after.push_back(w.to(Device::cpu));
    }
    CHECK(relative_error(after[1], after[0]) > 0);
    CHECK(relative_error(after[2], after[1]) == 0);
    CHECK(relative_error(after[3], after[1]) == 0);
    CHECK(std::isnan(losses.take()[1].numbers[0]) == std::isnan(bad));
  }
}

}  // namespace cce::test
