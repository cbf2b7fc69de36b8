// Tensor, tape, thread pool, random numbers and optimizer.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "engine/ops/ops.h"
#include "engine/optim.h"
#include "engine/random.h"
#include "tests/gradcheck.h"

namespace cce::test {

TEST_CASE("Shape: rows are the product of all extents but the last, of which there may be none") {
  CHECK(Shape({5, 3}).rows() == 5);
  CHECK(Shape({2, 3, 4}).rows() == 6);
  CHECK(Shape({5, 0}).rows() == 5);
  CHECK(Shape({7}).rows() == 1);
}

TEST_CASE("philox gives the words of the reference implementation") {
  // The known answers of Random123 for philox4x32-10: all zeros, all ones, and the digits of pi.
  CHECK(philox(0, 0, 0) == std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox(~0ull, ~0ull, ~0ull) ==
        std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88) ==
        std::array<uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("dropout keeps the share it should, and other elements in every step and layer") {
  Parallel parallel(2);
  const Tensor ones = Tensor::from<float>({100, 100}, std::vector<float>(10000, 1));
  const auto kept = [&](uint32_t step, uint32_t layer) {
    return dropout(Context{.parallel = parallel, .training = true, .step = step}, ones, 0.3, layer);
  };
  const Tensor first = kept(1, 0);
  CHECK(sum(Context{parallel}, first).item() == doctest::Approx(10000).epsilon(0.03));  // scaled by 1 / 0.7
  int64_t dropped = 0, same_in_step = 0, same_in_layer = 0;
  const Tensor other_step = kept(2, 0), other_layer = kept(1, 1);
  for (int64_t i = 0; i < ones.size(); ++i) {
    dropped += first.data<float>()[i] == 0;
    same_in_step += first.data<float>()[i] == other_step.data<float>()[i];
    same_in_layer += first.data<float>()[i] == other_layer.data<float>()[i];
  }
  CHECK(std::abs(dropped - 3000) < 200);
  CHECK(std::abs(same_in_step - 5800) < 250);  // 0.7^2 + 0.3^2
  CHECK(std::abs(same_in_layer - 5800) < 250);
}

TEST_CASE("dropout's word for element e is word e of the Philox stream") {
  Parallel parallel(2);
  for (const int64_t size : {1, 63, 20003}) {  // the last one is drawn by several blocks
    const Tensor ones = Tensor::from<float>({size}, std::vector<float>(static_cast<size_t>(size), 1));
    const Tensor y =
        dropout(Context{.parallel = parallel, .training = true, .seed = 5, .step = 6}, ones, 0.5, 7);
    int64_t wrong = 0;
    for (int64_t e = 0; e < size; ++e) {
      const auto words = philox(5, subsequence(Purpose::dropout, 6, 7), static_cast<uint64_t>(e / 4));
      wrong += y.data<float>()[e] != (words[static_cast<size_t>(e % 4)] >= 0x80000000u ? 2.0F : 0.0F);
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("every block is worked on once, whatever the number of threads") {
  for (const int threads : {1, 2, 5}) {
    Parallel parallel(threads);
    for (const int64_t blocks : {0, 1, 3, 1000}) {
      std::vector<std::atomic<int>> visits(static_cast<size_t>(blocks));
      parallel.blocks(blocks, [&](int64_t block) { ++visits[static_cast<size_t>(block)]; });
      for (const auto& count : visits) CHECK(count == 1);
    }
  }
}

TEST_CASE("an exception in a block reaches the caller, and the pool goes on working") {
  Parallel parallel(3);
  CHECK_THROWS_WITH_AS(parallel.blocks(100,
                                       [](int64_t block) {
                                         if (block == 42) throw std::runtime_error("forty-two");
                                       }),
                       "forty-two", std::runtime_error);
  std::atomic<int64_t> total = 0;
  parallel.ranges(10, 3, [&](int64_t begin, int64_t end) { total += end - begin; });
  CHECK(total == 10);
}

// Sanitizers map far more than any limit on addresses would allow. g++ says so in macros, clang as features.
#if defined(__has_feature)
#define CCE_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define CCE_SANITIZED 1
#else
#define CCE_SANITIZED 0
#endif
#if !CCE_SANITIZED
TEST_CASE("threads that cannot be started are an error that says so") {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    long pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlim_t room = 50 << 20;  // a few stacks of threads
    const rlimit limit{static_cast<rlim_t>(pages * ::sysconf(_SC_PAGESIZE)) + room, RLIM_INFINITY};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) ::_exit(2);
    try {
      const Parallel parallel(1000);
    } catch (const Error& error) {
      ::_exit(std::string_view(error.what()).starts_with("[parallel] only ") ? 0 : 3);
    }
    ::_exit(4);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}
#endif

TEST_CASE("a block that starts blocks of its own is refused, and the pool goes on working") {
  for (const int threads : {1, 3}) {
    Parallel parallel(threads);
    for (const int64_t blocks : {1, 20}) {
      CHECK_THROWS_WITH_AS(parallel.blocks(blocks, [&](int64_t) { parallel.blocks(1, [](int64_t) {}); }),
                           "[parallel] is at work already: a block must not start blocks of its own, and "
                           "threads must not share a pool",
                           Error);
    }
    std::atomic<int64_t> total = 0;
    parallel.blocks(7, [&](int64_t block) { total += block; });
    CHECK(total == 21);
  }
}

TEST_CASE("a tensor that is used twice gets the sum of both gradients") {
  Parallel parallel(1);
  Tape tape;
  const Context ctx{.parallel = parallel, .tape = &tape};
  Tensor x = Tensor::from<double>({2}, {3, -1}).set_needs_grad(true);
  const Tensor loss = sum(ctx, add(ctx, multiply(ctx, x, x), x));  // x^2 + x
  tape.backward(loss);
  CHECK(loss.item() == 12);
  CHECK(x.grad().data<double>()[0] == 7);
  CHECK(x.grad().data<double>()[1] == -1);
  CHECK(tape.size() == 0);
}

TEST_CASE("an error in the backward of an operation keeps its code and names the operation") {
  Parallel parallel(1);
  Tape tape;
  const Context ctx{.parallel = parallel, .tape = &tape};
  const Tensor x = Tensor::from<double>({1}, {3}).set_needs_grad(true);
  const Tensor y = affine(ctx, x, 2);
  tape.record("fickle", y, [](const Tensor&) { fail_usage("no gradient today"); });
  try {
    tape.backward(y);
    FAIL("nothing was thrown");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "no gradient today (in the backward of fickle)");
    CHECK(error.code() == ExitCode::usage);
  }
}

TEST_CASE("nothing is recorded for what needs no gradient") {
  Parallel parallel(1);
  Tape tape;
  const Context ctx{.parallel = parallel, .tape = &tape};
  const Tensor x = Tensor::from<double>({2}, {3, -1});
  CHECK_FALSE(multiply(ctx, x, x).needs_grad());
  CHECK(tape.size() == 0);
  CHECK_THROWS_WITH_AS(tape.backward(x), "[backward] nothing with a gradient was used to compute this tensor",
                       Error);
}

TEST_CASE("shapes and dtypes that do not fit are refused by name") {
  CHECK_THROWS_WITH_AS(Shape({1ll << 40, 1ll << 40}), "[shape] the element count overflows", Error);
  CHECK_THROWS_WITH_AS(Shape({2, -1}), "[shape] dimension 1 is negative: -1", Error);
  // 2^62 - 1 floats are 4 bytes less than 2^64: rounded up to cache lines, none at all.
  CHECK_THROWS_WITH_AS(Tensor::empty({(1ll << 62) - 1}), "[tensor] shape (4611686018427387903) is too large",
                       Error);
  CHECK_THROWS_WITH_AS(Tensor::zeros({2}).data<double>(), "[tensor] expected float64, got float32", Error);
  Parallel parallel(1);
  CHECK_THROWS_WITH_AS(linear(Context{parallel}, Tensor::zeros({2, 3}), Tensor::zeros({4, 5}), {}),
                       "[linear] expected a weight of width 3, got shape (4, 5)", Error);
  CHECK_THROWS_WITH_AS(
      layer_norm(Context{parallel}, Tensor::zeros({2, 3}), Tensor::zeros({4}), Tensor::zeros({4}), 0),
      "[layer_norm] expected a weight and a bias of shape (3), got (4)", Error);
}

TEST_CASE("tensors refuse what does not fit them, and say why") {
  Tensor x = Tensor::zeros({2}), ids = Tensor::zeros({2}, DType::i32);
  const Tensor on_gpu = Tensor::over(std::make_shared<float>(), {1}, DType::f32, Device::cuda);
  CHECK_THROWS_WITH_AS(Shape({2, 3})[2], "[shape] no dimension 2 in shape (2, 3)", Error);
  CHECK_THROWS_WITH_AS(Shape({2, 3})[-3], "[shape] no dimension -3 in shape (2, 3)", Error);
  CHECK_THROWS_WITH_AS(Tensor().to(DType::f64), "[tensor] an undefined tensor is on no device", Error);
  CHECK_THROWS_WITH_AS(on_gpu.to(DType::f64), "[tensor] numbers are converted on the CPU", Error);
  CHECK_THROWS_WITH_AS(on_gpu.span<float>(), "[tensor] the numbers are on another device: cuda", Error);
  CHECK_THROWS_WITH_AS(x.copy_from(Tensor::zeros({3})),
                       "[tensor] cannot take float32 (3) over into float32 (2)", Error);
  CHECK_THROWS_WITH_AS(x.copy_from(ids), "[tensor] cannot take int32 (2) over into float32 (2)", Error);
  CHECK_THROWS_WITH_AS(x.reshaped({2, 2}), "[tensor] cannot see shape (2) as (2, 2)", Error);
  CHECK_THROWS_WITH_AS(x.item(), "[tensor] item() needs one element, got shape (2)", Error);
  CHECK_THROWS_WITH_AS(ids.set_needs_grad(true), "[tensor] only a real tensor can have a gradient", Error);
  CHECK_THROWS_WITH_AS(x.set_grad(x), "[tensor] no gradient is awaited by this tensor", Error);
  x.set_needs_grad(true);
  CHECK_THROWS_WITH_AS(x.set_grad(Tensor::zeros({3})), "[tensor] expected a gradient of shape (2), got (3)",
                       Error);
  x.set_grad(Tensor::zeros({2}));
  CHECK_THROWS_WITH_AS(x.set_grad(Tensor::zeros({2})), "[tensor] no gradient is awaited by this tensor",
                       Error);
  CHECK_THROWS_WITH_AS(x.move_to(Device::cuda), "[tensor] only a tensor without a gradient can move", Error);
}

TEST_CASE("adam takes the steps of its definition, with decay of either kind and with clipping") {
  Parallel parallel(1);
  for (const bool decoupled : {false, true}) {
    const AdamOptions options{
        .lr = 0.1, .weight_decay = 0.01, .decoupled_decay = decoupled, .clip_norm = 0.5};
    Tensor w = Tensor::from<double>({2}, {1, -2}).set_needs_grad(true);
    Adam adam({{"w", w}}, options);
    double m[2] = {}, v[2] = {}, expected[2] = {1, -2};
    for (int t = 1; t <= 5; ++t) {
      const double raw[2] = {3.0 * t, -4.0 * t};
      const double clip = 0.5 / (5.0 * t + 1e-6);
      for (int i = 0; i < 2; ++i) {
        w.grad_to_add().data<double>()[i] = raw[i];
        const double g = raw[i] * clip + (decoupled ? 0 : 0.01 * expected[i]);
        if (decoupled) expected[i] *= 1 - 0.1 * 0.01;
        m[i] = 0.9 * m[i] + 0.1 * g, v[i] = 0.999 * v[i] + 0.001 * g * g;
        const double m_hat = m[i] / (1 - std::pow(0.9, t)), v_hat = v[i] / (1 - std::pow(0.999, t));
        expected[i] -= 0.1 * m_hat / (std::sqrt(v_hat) + 1e-8);
      }
      adam.step(parallel);
      CHECK_FALSE(w.grad().defined());
      CHECK(w.data<double>()[0] == doctest::Approx(expected[0]).epsilon(1e-12));
      CHECK(w.data<double>()[1] == doctest::Approx(expected[1]).epsilon(1e-12));
    }
  }
}

TEST_CASE("adam's steps in float are those in double, rounded") {
  Parallel parallel(1);
  Tensor w = Tensor::zeros({1}).set_needs_grad(true);
  Adam adam({{"w", w}}, {.lr = 0.1});
  double m = 0, v = 0, expected = 0;
  for (int t = 1; t <= 20; ++t) {
    const double g = 1 + 0.5 * t;
    w.grad_to_add().data<float>()[0] = static_cast<float>(g);
    adam.step(parallel);
    m = 0.9 * m + 0.1 * g, v = 0.999 * v + 0.001 * g * g;
    expected -= 0.1 * m / (1 - std::pow(0.9, t)) / (std::sqrt(v / (1 - std::pow(0.999, t))) + 1e-8);
    // 0.001 as the difference of rounded numbers would be off by 5e-5, and the step by half of that.
    CHECK(w.item() == doctest::Approx(expected).epsilon(1e-6));
  }
}

TEST_CASE("with warm-up the learning rate rises in a line, and falls in a line until the last step") {
  CHECK(warmup_factor(0, 4, 12) == 0.25);
  CHECK(warmup_factor(3, 4, 12) == 1);
  CHECK(warmup_factor(4, 4, 12) == 1);
  CHECK(warmup_factor(8, 4, 12) == 0.5);
  CHECK(warmup_factor(11, 4, 12) == 0.125);
  CHECK(warmup_factor(7, 0, 12) == 1);
}

}  // namespace cce::test
