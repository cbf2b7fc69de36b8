// Whole trainings with CCE_CUDA_GRAPHS=1, whose steps are captured for a few numbers of rows and then started
// again, beside the same trainings without.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "losses/loss.h"
#include "models/model_table.h"
#include "tests/data/files.h"
#include "tests/gpu/tiny_trainings.h"
#include "tests/gradcheck.h"
#include "tools/durable_file.h"
#include "tools/safetensors.h"

#if defined(CCE_CUDA_EMULATED)
#include "tests/emulator/emulator.h"
#endif

namespace cce::test {
namespace {

struct WithGraphs {
  explicit WithGraphs(bool wanted) { setenv("CCE_CUDA_GRAPHS", wanted ? "1" : "0", 1); }
  ~WithGraphs() { unsetenv("CCE_CUDA_GRAPHS"); }
};

/// As tiny_options(), with three batches of each of two epochs.
TrainOptions options_of(const std::string& model, const std::string& loss) {
  TrainOptions options = tiny_options("cuda", model, loss, "");
  options.batch_size = 4;
  return options;
}

std::string weights_of(const std::string& run) {
  return read_file(run + "/last.safetensors", 1 << 24);
}

/// Whether weights and Adam's moments, in which any difference shows, are the same numbers.
bool same_state(const std::string& run, const std::string& other) {
  const NamedTensors a = read_safetensors(run + "/resume.safetensors").tensors;
  const NamedTensors b = read_safetensors(other + "/resume.safetensors").tensors;
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && relative_error(x.second, y.second) == 0;
  });
}

/// How many graphs were captured since the last call, and how often one was started; zeros where nobody
/// counts.
struct Counts {
  int64_t captures = 0, runs = 0;
};
Counts counts_since_last() {
  Counts since;
#if defined(CCE_CUDA_EMULATED)
  static emulator::CaptureCounts before{};
  const emulator::CaptureCounts now = emulator::capture_counts();
  since = {now.captures - before.captures, now.runs - before.runs};
  before = now;
#endif
  return since;
}

/// What losses with graphs and without may differ by, relatively. cuBLAS may round a product's factors or
/// not, as it chooses by size; the emulated one never does.
double tolerance_of([[maybe_unused]] const std::string& precision) {
#if !defined(CCE_CUDA_EMULATED)
  if (precision == "tf32") return 1e-3;
  if (precision == "bf16") return 1e-2;
#endif
  return 1e-5;
}

/// The same training with graphs and without; train(name) trains in that folder. Emulated, both end with the
/// same bytes, and the steps of which no graph was started are the first of each kind. On a GPU, a product of
/// more rows may be computed in another order, so losses agree within `tolerance`; what repeats to the last
/// bit there is the training with graphs.
template <class Train>
void check_same_with_graphs(const testing::TemporaryFolder& folder, Train train,
                            [[maybe_unused]] int64_t steps, double tolerance) {
  const Unguarded unguarded;
  const auto train_with = [&](const std::string& name, bool graphs) {
    const WithGraphs scope(graphs);
    return train(folder / name);
  };
  const std::vector<double> plain = train_with("plain", false);
  counts_since_last();
  const std::vector<double> captured = train_with("captured", true);
  [[maybe_unused]] const Counts counts = counts_since_last();
  for (size_t epoch = 0; epoch < plain.size(); ++epoch)
    CHECK(captured[epoch] == doctest::Approx(plain[epoch]).epsilon(tolerance));
#if defined(CCE_CUDA_EMULATED)
  CHECK(weights_of(folder / "captured") == weights_of(folder / "plain"));
  CHECK(same_state(folder / "captured", folder / "plain"));
  CHECK(counts.captures >= 1);
  CHECK(counts.captures <= 2);
  CHECK(counts.runs >= steps - 2 * counts.captures);  // kinds that came only once are never captured
#else
  train_with("again", true);
  CHECK(weights_of(folder / "captured") == weights_of(folder / "again"));
  CHECK(same_state(folder / "captured", folder / "again"));
#endif
}

void check_same_with_graphs(const TrainOptions& options, int64_t steps = 6) {
  CAPTURE(options.model);
  CAPTURE(options.loss);
  CAPTURE(options.precision);
  const testing::TemporaryFolder folder;
  check_same_with_graphs(
      folder, [&](const std::string& run) { return train_on("cuda", options, run); }, steps,
      tolerance_of(options.precision));
}

}  // namespace

TEST_CASE("gpu: every model trains with captured steps to the same bytes as without") {
  for (const KnownModel& model : known_models())
    check_same_with_graphs(options_of(model.name, model.bidirectional ? "mlm" : "cce"));
}

TEST_CASE("gpu: every loss trains with captured steps to the same bytes as without") {
  for (const Loss& loss : losses()) {
    if (loss.timestamps != Timestamps::masked) check_same_with_graphs(options_of("gru4rec", loss.name));
  }
}

TEST_CASE("gpu: captured steps with all that changes from step to step, or with the number of rows") {
  TrainOptions options = options_of("gru4rec", "sampled-softmax");
  options.sampler = "in-batch", options.negatives = 4, options.extra_negatives = 3;
  options.clip_norm = 0.01, options.optimizer = "adamw", options.weight_decay = 0.1, options.warmup = 3;
  options.padding = "left", options.reset_gate = "before";
  check_same_with_graphs(options);

  TrainOptions last = options_of("gru4rec", "cce");  // rows are selected
  last.timestamps = "last", last.epochs = 3;
  check_same_with_graphs(last, 9);

  TrainOptions few = options_of("gru4rec", "cce");  // 5, 5 and 2 samples
  few.batch_size = 5, few.epochs = 3;
  check_same_with_graphs(few, 9);

  TrainOptions prefixes = options_of("gru4rec", "bce");
  prefixes.augment = "prefix", prefixes.batch_size = 16, prefixes.epochs = 1;
  check_same_with_graphs(prefixes, 4);
}

TEST_CASE("gpu: captured steps whose batches fill up, and with products that round") {
  TrainOptions options = options_of("sasrec", "cce");
  options.max_length = 3;  // many sequences to fill up with
  check_same_with_graphs(options);
  for (const std::string precision : {"tf32", "bf16"}) {
    options.precision = precision;
    check_same_with_graphs(options);
  }
  set_gpu_precision(Precision::fp32);
}

TEST_CASE("gpu: pre-training with captured steps ends with the same bytes as without") {
  const auto check = [](const TinyPretraining& tiny, int64_t steps) {
    CAPTURE(tiny.mask_probability);
    const testing::TemporaryFolder folder;
    check_same_with_graphs(
        folder, [&](const std::string& run) { return pretrain_on("cuda", tiny, run); }, steps,
        tolerance_of("fp32"));
  };
  check({}, 8);
  // Everything masked, so that nothing is left for the attributes of what is not; and most of it, so that
  // there is more of either than fills up once.
  check({.epochs = 3, .batch_size = 30, .mask_probability = 1, .max_length = 4}, 3);
  check({.epochs = 3, .batch_size = 30, .mask_probability = 0.8}, 3);
}

TEST_CASE("gpu: a pre-training with captured steps that is stopped and resumed ends with the same bytes") {
  const Unguarded unguarded;
  const testing::TemporaryFolder folder;
  const WithGraphs wanted(true);
  const TinyPretraining tiny{.epochs = 2, .batch_size = 8};
  pretrain_on("cuda", tiny, folder / "whole");
  pretrain_with_stops_on_gpu(tiny, folder / "stopped");
  CHECK(weights_of(folder / "stopped") == weights_of(folder / "whole"));
}

TEST_CASE(
    "gpu: a training with captured steps that is stopped in its epochs and resumed ends with the same "
    "bytes") {
  const Unguarded unguarded;
  const testing::TemporaryFolder folder;
  const WithGraphs wanted(true);
  TrainOptions options = options_of("gru4rec", "bce");
  options.batch_size = 1;  // so that there are steps that are started again before each stop
  train_on("cuda", options, folder / "whole");
  options.out = folder / "stopped";
  train_with_stops_on_gpu(options);
  for (const char* file : {"/best.safetensors", "/last.safetensors", "/ranks.tsv"}) {
    CHECK(read_file(folder / "stopped" + file, 1 << 24) == read_file(folder / "whole" + file, 1 << 24));
  }
}

TEST_CASE("gpu: a training with captured steps that diverges stops where one without does") {
  const Unguarded unguarded;
  const testing::TemporaryFolder folder;
  // One in the step that is captured, the second, and one in a step that is a start of it again.
  for (const double lr : {1e38, 1e18}) {
    std::vector<std::string> messages;
    for (const bool graphs : {false, true}) {
      const WithGraphs scope(graphs);
      TrainOptions options = options_of("gru4rec", "cce");
      options.batch_size = 1, options.lr = lr, options.out = folder / "run";
      messages.push_back(message_of_divergence(options));
    }
    for (const std::string& message : messages) CHECK(message.starts_with("the loss is "));
#if !defined(CCE_CUDA_EMULATED)
    if (lr == 1e18) continue;  // numbers near overflow: which step has one may hang on cuBLAS's order of sums
#endif
    CHECK((messages[0].find("in epoch 1, step 2 (") != std::string::npos) == (lr == 1e38));
    CHECK(messages[1] == messages[0]);
  }
}

}  // namespace cce::test
