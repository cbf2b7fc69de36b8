#include "tools/command_bench_ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "engine/device.h"
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
constexpr int64_t kLargeBytes = int64_t{2} << 30,
                  kLargestBytes = int64_t{13} << 30;  // that a GPU must have free

/// Numbers between -scale and scale that do not change from run to run.
Tensor numbers(const Shape& shape, double scale, Device device) {
  RandomStream random(1, Purpose::bench, static_cast<uint32_t>(shape.size()));
  Tensor tensor = Tensor::empty(shape, DType::f32);
  for (float& value : tensor.span<float>()) value = static_cast<float>(scale * (2 * random.uniform() - 1));
  return tensor.to(device).set_needs_grad(true);
}

/// count ids in [first, first + many), on the CPU.
Tensor ids(int64_t count, int32_t first, int32_t many) {
  RandomStream random(2, Purpose::bench, static_cast<uint32_t>(count));
  std::vector<int32_t> values(static_cast<size_t>(count));
  for (int32_t& value : values)
    value = first + static_cast<int32_t>(random.below(static_cast<uint32_t>(many)));
  return Tensor::from({count}, values);
}

/// Sequences of 10 down to 1 items, on the CPU.
Tensor sequence_offsets() {
  std::vector<int32_t> offsets{0};
  for (int64_t b = 0; b < kSequences; ++b) {
    offsets.push_back(offsets.back() + 10 - static_cast<int32_t>(b * 10 / kSequences));
  }
  return Tensor::from({std::ssize(offsets)}, offsets);
}

class OpsBench {
 public:
  OpsBench(int repeats, int threads, Device device)
      : repeats_(repeats),
        parallel_(threads),
        device_(device),
        last_(Tensor::zeros({1}, DType::f32, device)) {
    if (device == Device::cpu) peak_ = multiply_add_peak(parallel_);
    text_ = fmt::format("{}\n\n{:<44}{:>10}{:>11}{}\n",
                        device == Device::cpu ? machine_line(threads, peak_) : gpu().name,
                        "operation, shapes of a step on Toys", "ms", "GFLOP/s", peak_ > 0 ? "  of peak" : "");
  }

  /// `flops` of a call; 0 for operations whose time goes elsewhere than into arithmetic.
  void measure(const std::string& name, double flops, const std::function<void()>& call) {
    call();
    const auto calls = static_cast<int>(std::clamp(kSampleSeconds / seconds_of(1, call), 1.0, 1e4));
    std::vector<double> samples;
    for (int i = 0; i < repeats_; ++i) samples.push_back(seconds_of(calls, call));
    const double seconds = median(samples);
    text_ += fmt::format("{:<44}{:>10.3f}", name, seconds * 1e3);
    if (flops > 0) text_ += fmt::format("{:>11.1f}", flops / seconds * 1e-9);
    if (flops > 0 && peak_ > 0) text_ += fmt::format("{:>7.1f} %", 100 * flops / seconds / peak_);
    text_ += "\n";
  }

  /// Measures forward alone and with backward, which has twice the arithmetic.
  void measure_both(const std::string& name, double flops, const std::function<Tensor(const Context&)>& op) {
    measure(name + ", forward", flops, [&] { op(context()); });
    measure(name + ", forward + backward", 3 * flops, [&] { run_with_backward(op); });
  }

  /// Training, recorded on the tape unless it is null.
  Context context(Tape* tape = nullptr) {
    return {.parallel = parallel_, .tape = tape, .training = true, .device = device_};
  }
  Parallel& parallel() { return parallel_; }
  Device device() const { return device_; }
  void add_line(const std::string& line) { text_ += line + "\n"; }
  const std::string& text() const { return text_; }

 private:
  double seconds_of(int calls, const std::function<void()>& call) {
    const Stopwatch watch;
    for (int i = 0; i < calls; ++i) call();
    last_.item();  // a GPU has it when it has done all that
    return watch.seconds() / calls;
  }

  void run_with_backward(const std::function<Tensor(const Context&)>& op) {
    Tape tape;
    const Tensor y = op(context(&tape));
    tape.backward(y, Tensor::zeros(y.shape(), y.dtype(), device_));
  }

  int repeats_;
  Parallel parallel_;
  Device device_;
  Tensor last_;
  double peak_ = 0;
  std::string text_;
};

void measure_softmax(OpsBench& bench, int64_t positions) {
  const Tensor x = numbers({positions, kWidth}, 1, bench.device());
  const Tensor table = numbers({kItems, kWidth}, 0.1, bench.device());
  const Tensor targets = ids(positions, 1, kItems - 2), targets_there = targets.to(bench.device());
  const double flops = 2.0 * static_cast<double>(positions * kItems * kWidth);
  bench.measure("softmax cross-entropy, loss only", flops,
                [&] { linear_cross_entropy(bench.context(), x, table, targets_there); });
  // The gradients come with the loss, so there is no backward to speak of.
  bench.measure("softmax cross-entropy, with gradients", 3 * flops, [&] {
    Tape tape;
    linear_cross_entropy(bench.context(&tape), x, table, targets_there);
  });
  const SeenItems nothing{.offsets = std::vector<int64_t>(static_cast<size_t>(positions) + 1), .items = {}};
  const RankQuestions asked(targets, nothing, bench.device());
  bench.measure("rank of the target among all items", flops,
                [&] { target_ranks(bench.context(), x, table, asked, Seen::keep); });
}

/// The softmax over a large catalogue on a GPU, in each precision: three products count, though a fused
/// kernel computes the scores twice.
void measure_large_softmax(OpsBench& bench) {
  constexpr int64_t kRows = 16384, kManyItems = 1'000'000;
  const Tensor x = numbers({kRows, kWidth}, 1, bench.device());
  const Tensor table = numbers({kManyItems, kWidth}, 0.1, bench.device());
  const Tensor targets = ids(kRows, 1, kManyItems - 2).to(bench.device());
  for (const auto& [name, precision] :
       {std::pair{"fp32", Precision::fp32}, {"tf32", Precision::tf32}, {"bf16", Precision::bf16}}) {
    set_gpu_precision(precision);
    bench.measure(fmt::format("softmax, 16k rows, 1 M items, {}", name), 6.0 * kRows * kManyItems * kWidth,
                  [&] {
                    Tape tape;
                    linear_cross_entropy(bench.context(&tape), x, table, targets);
                  });
  }
  set_gpu_precision(Precision::fp32);
}

/// A step of the softmax over so many items that memory is what counts. Zeros take as long as other numbers.
void measure_largest_softmax(OpsBench& bench) {
  constexpr int64_t kRows = 4096, kMostItems = 10'000'000;
  const Tensor x = numbers({kRows, kWidth}, 1, bench.device());
  const Tensor table = Tensor::zeros({kMostItems, kWidth}, DType::f32, bench.device()).set_needs_grad(true);
  const Tensor targets = ids(kRows, 1, kMostItems - 2).to(bench.device());
  Adam adam({{"table", table}}, {});
  set_gpu_precision(Precision::bf16);
  bench.measure("softmax, 4k rows, 10 M items, bf16, with Adam", 6.0 * kRows * kMostItems * kWidth, [&] {
    Tape tape;
    tape.backward(linear_cross_entropy(bench.context(&tape), x, table, targets));
    adam.step(bench.parallel());
    x.clear_grad();
  });
  set_gpu_precision(Precision::fp32);
  bench.add_line(
      fmt::format("GPU memory at most: {:.2f} GB", static_cast<double>(peak_device_bytes()) * 1e-9));
}

void measure_layers(OpsBench& bench, const Tensor& offsets) {
  const int64_t positions = offsets.span<int32_t>().back();
  const Device device = bench.device();
  const Tensor offsets_there = offsets.to(device);
  const Tensor x = numbers({positions, kWidth}, 1, device),
               wide = numbers({positions, 4 * kWidth}, 1, device);
  const Tensor up = numbers({4 * kWidth, kWidth}, 0.1, device),
               down = numbers({kWidth, 4 * kWidth}, 0.1, device);
  const double product = 2.0 * static_cast<double>(positions * kWidth * 4 * kWidth);
  bench.measure_both("linear 64 -> 256", product, [&](const Context& ctx) { return linear(ctx, x, up, {}); });
  bench.measure_both("linear 256 -> 64", product,
                     [&](const Context& ctx) { return linear(ctx, wide, down, {}); });

  const Tensor inputs = numbers({positions, 3 * kHidden}, 1, device),
               weight = numbers({3 * kHidden, kHidden}, 0.1, device);
  bench.measure_both("GRU of 128", 2.0 * static_cast<double>(positions * 3 * kHidden * kHidden),
                     [&](const Context& ctx) { return gru(ctx, inputs, weight, offsets_there); });
  bench.measure_both("attention, 2 heads, dropout", 0, [&](const Context& ctx) {
    return attention(ctx, x, x, x, offsets_there, {.heads = 2, .dropout = 0.5});
  });
  const Tensor norm_weight = numbers({kWidth}, 1, device), norm_bias = numbers({kWidth}, 1, device);
  bench.measure_both("layer norm", 0,
                     [&](const Context& ctx) { return layer_norm(ctx, x, norm_weight, norm_bias, 1e-12); });
  bench.measure_both("GELU of 256", 0, [&](const Context& ctx) { return gelu(ctx, wide); });
  bench.measure_both("dropout", 0, [&](const Context& ctx) { return dropout(ctx, x, 0.5, 0); });
}

void measure_adam(OpsBench& bench) {
  const Tensor table = numbers({kItems, kWidth}, 0.1, bench.device());
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
  if (options.device == "cuda" && !gpu().usable())
    fail_usage("--device cuda: {} (use --device cpu)", gpu().problem);
  const bool on_gpu = options.device == "cuda" || (options.device == "auto" && gpu().usable());
  OpsBench bench(options.repeats, options.threads, on_gpu ? Device::cuda : Device::cpu);
  const Tensor offsets = sequence_offsets();
  measure_softmax(bench, offsets.span<int32_t>().back());
  measure_layers(bench, offsets);
  measure_adam(bench);
  if (on_gpu && gpu().free_bytes > kLargeBytes) measure_large_softmax(bench);
  if (on_gpu && gpu().free_bytes > kLargestBytes) measure_largest_softmax(bench);
  return bench.text();
}

}  // namespace cce
