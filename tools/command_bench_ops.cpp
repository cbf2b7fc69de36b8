#include "tools/command_bench_ops.h"

#include <fmt/format.h>

#include <functional>
#include <vector>

#include "engine/ops/ops.h"
#include "engine/ops/target_ranks.h"
#include "engine/optim.h"
#include "engine/peak.h"
#include "engine/random.h"
#include "tools/counted.h"
#include "tools/machine.h"
#include "tools/stopwatch.h"

namespace cce {
namespace {

// A batch of 256 sequences of Toys: T positions in B sequences of 1 to 10 items, I rows of the item table.
constexpr int64_t kSequences = 256, kItems = 11926, kWidth = 64, kHidden = 128;
constexpr double kSampleSeconds = 0.05;

/// Numbers between -scale and scale that do not change from run to run.
Tensor numbers(const Shape& shape, double scale) {
  RandomStream random(1, Purpose::bench, static_cast<uint32_t>(shape.size()));
  Tensor tensor = Tensor::empty(shape, DType::f32);
  for (float& value : tensor.span<float>()) value = static_cast<float>(scale * (2 * random.uniform() - 1));
  return tensor.set_needs_grad(true);
}

/// count ids in [first, first + many).
Tensor ids(int64_t count, int32_t first, int32_t many) {
  RandomStream random(2, Purpose::bench, static_cast<uint32_t>(count));
  std::vector<int32_t> values(static_cast<size_t>(count));
  for (int32_t& value : values)
    value = first + static_cast<int32_t>(random.below(static_cast<uint32_t>(many)));
  return Tensor::from({count}, values);
}

/// Sequences of 10 down to 1 items.
Tensor sequence_offsets() {
  std::vector<int32_t> offsets{0};
  for (int64_t b = 0; b < kSequences; ++b) {
    offsets.push_back(offsets.back() + 10 - static_cast<int32_t>(b * 10 / kSequences));
  }
  return Tensor::from({std::ssize(offsets)}, offsets);
}

class OpsBench {
 public:
  explicit OpsBench(const BenchOptions& options) : repeats_(options.repeats), parallel_(options.threads) {
    peak_ = multiply_add_peak(parallel_);
    text_ = fmt::format("{}\n\n{:<44}{:>10}{:>11}{:>9}\n", machine_line(options.threads, peak_),
                        "operation, shapes of a step on Toys", "ms", "GFLOP/s", "of peak");
  }

  /// `flops` of a call; 0 for operations whose time goes elsewhere than into arithmetic.
  void measure(const std::string& name, double flops, const std::function<void()>& call) {
    call();
    std::vector<double> samples;
    for (int i = 0; i < repeats_; ++i) samples.push_back(sample(call));
    const double seconds = median(samples);
    text_ += fmt::format("{:<44}{:>10.3f}", name, seconds * 1e3);
    if (flops > 0)
      text_ += fmt::format("{:>11.1f}{:>7.1f} %", flops / seconds * 1e-9, 100 * flops / seconds / peak_);
    text_ += "\n";
  }

  /// Measures forward alone and with backward, which has twice the arithmetic.
  void measure_both(const std::string& name, double flops, const std::function<Tensor(const Context&)>& op) {
    measure(name + ", forward", flops, [&] { op(Context{.parallel = parallel_, .training = true}); });
    measure(name + ", forward + backward", 3 * flops, [&] { run_with_backward(op); });
  }

  Parallel& parallel() { return parallel_; }
  const std::string& text() const { return text_; }

 private:
  static double sample(const std::function<void()>& call) {
    const Stopwatch watch;
    int calls = 0;
    do {
      call(), ++calls;
    } while (watch.seconds() < kSampleSeconds);
    return watch.seconds() / calls;
  }

  void run_with_backward(const std::function<Tensor(const Context&)>& op) {
    Tape tape;
    const Tensor y = op(Context{.parallel = parallel_, .tape = &tape, .training = true});
    tape.backward(y, Tensor::zeros(y.shape(), y.dtype()));
  }

  int repeats_;
  Parallel parallel_;
  double peak_ = 0;
  std::string text_;
};

void measure_softmax(OpsBench& bench, int64_t positions) {
  const Tensor x = numbers({positions, kWidth}, 1), table = numbers({kItems, kWidth}, 0.1);
  const Tensor targets = ids(positions, 1, kItems - 2);
  const double flops = 2.0 * static_cast<double>(positions * kItems * kWidth);
  bench.measure("softmax cross-entropy, loss only", flops,
                [&] { linear_cross_entropy(Context{.parallel = bench.parallel()}, x, table, targets); });
  // The gradients come with the loss, so there is no backward to speak of.
  bench.measure("softmax cross-entropy, with gradients", 3 * flops, [&] {
    Tape tape;
    linear_cross_entropy(Context{.parallel = bench.parallel(), .tape = &tape}, x, table, targets);
  });
  const SeenItems nothing{.offsets = std::vector<int64_t>(static_cast<size_t>(positions) + 1), .items = {}};
  bench.measure("rank of the target among all items", flops, [&] {
    target_ranks(Context{.parallel = bench.parallel()}, x, table, targets, nothing, Seen::keep);
  });
}

void measure_layers(OpsBench& bench, const Tensor& offsets) {
  const int64_t positions = offsets.span<int32_t>().back();
  const Tensor x = numbers({positions, kWidth}, 1), wide = numbers({positions, 4 * kWidth}, 1);
  const Tensor up = numbers({4 * kWidth, kWidth}, 0.1), down = numbers({kWidth, 4 * kWidth}, 0.1);
  const double product = 2.0 * static_cast<double>(positions * kWidth * 4 * kWidth);
  bench.measure_both("linear 64 -> 256", product, [&](const Context& ctx) { return linear(ctx, x, up, {}); });
  bench.measure_both("linear 256 -> 64", product,
                     [&](const Context& ctx) { return linear(ctx, wide, down, {}); });

  const Tensor inputs = numbers({positions, 3 * kHidden}, 1), weight = numbers({3 * kHidden, kHidden}, 0.1);
  bench.measure_both("GRU of 128", 2.0 * static_cast<double>(positions * 3 * kHidden * kHidden),
                     [&](const Context& ctx) { return gru(ctx, inputs, weight, offsets); });
  bench.measure_both("attention, 2 heads, dropout", 0, [&](const Context& ctx) {
    return attention(ctx, x, x, x, offsets, {.heads = 2, .dropout = 0.5});
  });
  const Tensor norm_weight = numbers({kWidth}, 1), norm_bias = numbers({kWidth}, 1);
  bench.measure_both("layer norm", 0,
                     [&](const Context& ctx) { return layer_norm(ctx, x, norm_weight, norm_bias, 1e-12); });
  bench.measure_both("GELU of 256", 0, [&](const Context& ctx) { return gelu(ctx, wide); });
  bench.measure_both("dropout", 0, [&](const Context& ctx) { return dropout(ctx, x, 0.5, 0); });
}

void measure_adam(OpsBench& bench) {
  const Tensor table = numbers({kItems, kWidth}, 0.1);
  Adam adam({{"table", table}}, {});
  bench.measure("Adam on the item table", 0, [&] {
    table.grad_to_add();
    adam.step(bench.parallel());
  });
}

}  // namespace

std::string machine_line(int threads, double peak) {
  return fmt::format("{}, {}: multiply-add peak {:.0f} GFLOP/s, measured", processor().name,
                     counted(threads, "thread"), peak * 1e-9);
}

std::string bench_ops(const BenchOptions& options) {
  OpsBench bench(options);
  const Tensor offsets = sequence_offsets();
  measure_softmax(bench, offsets.span<int32_t>().back());
  measure_layers(bench, offsets);
  measure_adam(bench);
  return bench.text();
}

}  // namespace cce
