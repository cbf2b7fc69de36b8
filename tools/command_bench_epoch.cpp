#include "tools/command_bench_epoch.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <vector>

#include "data/catalog.h"
#include "engine/device.h"
#include "engine/peak.h"
#include "tools/command_bench_ops.h"
#include "tools/counted.h"
#include "tools/machine.h"
#include "tools/metrics_file.h"
#include "tools/pretrainer.h"
#include "tools/stopwatch.h"
#include "tools/trainer.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

/// A new folder for temporary files, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "cce_rec-bench-XXXXXX").string();
    require(mkdtemp(name.data()) != nullptr, "{}: cannot be made; set TMPDIR to a folder that can be written",
            name);
    path_ = name;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

/// "4.85 s, median of 5 (4.80 to 5.02)".
std::string summary(const std::vector<double>& seconds) {
  const auto [least, most] = std::ranges::minmax(seconds);
  return fmt::format("{:.3f} s, median of {} ({:.3f} to {:.3f})", median(seconds), seconds.size(), least,
                     most);
}

/// A field of all epochs but the first, which warmed up.
std::vector<double> warm(const std::vector<EpochRecord>& epochs, double EpochRecord::*field) {
  std::vector<double> values;
  for (size_t i = 1; i < epochs.size(); ++i) values.push_back(epochs[i].*field);
  return values;
}

/// Forward and backward of scores for every item: three products of [rows, width] and [items, width].
double softmax_flops(const TrainOptions& options, const Dataset& dataset) {
  const auto counts = StepBatches::target_counts(dataset, step_batch_options(options, dataset));
  const auto rows = std::accumulate(counts.begin(), counts.end(), 0.0);
  return 6 * rows * static_cast<double>(dataset.item_rows()) * options.embedding_size;
}

std::string memory_line() {
  return fmt::format("memory       {} MB at most\n", megabytes(peak_resident_bytes()));
}

}  // namespace

std::string bench_epoch(const BenchOptions& bench) {
  const Stopwatch start;
  TrainOptions options;
  options.model = bench.model, options.loss = bench.loss, options.data = bench.data;
  options.device = bench.device, options.threads = bench.threads, options.epochs = bench.repeats + 1,
  options.patience = 0;
  options.pretrain_epochs = 0, options.quiet = true;
  resolve_defaults(options);
  const ScratchFolder scratch;
  options.out = (scratch.path() / "run").string();
  const Dataset dataset = load_dataset(options.data);
  RunFolder folder({.out = options.out});
  Trainer trainer(options, dataset, folder);
  const double seconds_start = start.seconds();

  const ExitCode code = trainer.run();
  if (code != ExitCode::done) throw Error(code, "bench epoch was stopped before its end");
  const auto epochs = read_metrics(folder.path(RunFile::metrics));
  const std::string memory = memory_line();  // of the run, before anything else is measured
  Parallel parallel(options.threads);
  const double peak = multiply_add_peak(parallel);
  const std::vector<double> training = warm(epochs, &EpochRecord::seconds_train);
  std::string text = fmt::format("\n{} with {} on {}; {}\n", options.model, options.loss, dataset.name,
                                 machine_line(options.threads, peak));
  text += fmt::format("training     {} an epoch\n", summary(training));
  if (options.device == "cuda") {
    text += fmt::format("             on the {}\n", gpu().name);
  } else if (loss_named(options.loss).negatives == 0 && options.timestamps != "masked") {
    const double flops = softmax_flops(options, dataset);
    text += fmt::format(
        "             scoring every item, forward and backward, is {:.3f} TFLOP of that: alone {:.1f} % of "
        "the peak\n",
        flops * 1e-12, 100 * flops / median(training) / peak);
  }
  text += fmt::format("evaluation   {} for {}\n", summary(warm(epochs, &EpochRecord::seconds_valid)),
                      counted(dataset.user_count(), "user"));
  text += fmt::format("start        {:.3f} s until data and model are ready\n", seconds_start);
  return text + memory;
}

std::string bench_pretraining(const BenchOptions& bench) {
  PretrainOptions options;
  options.data = bench.data, options.device = bench.device, options.threads = bench.threads;
  options.quiet = true;
  options.pretrain_epochs = bench.repeats;
  resolve_defaults(options);
  const ScratchFolder scratch;
  options.out = (scratch.path() / "run").string();
  const Dataset dataset = load_dataset(options.data);
  const Attributes attributes = load_attributes(options.data, dataset, options.attributes);
  RunFolder folder({.out = options.out});
  Pretrainer pretrainer(options, dataset, attributes, folder);
  const ExitCode code = pretrainer.run();
  if (code != ExitCode::done) throw Error(code, "bench pretraining was stopped before its end");
  const std::string memory = memory_line();
  Parallel parallel(options.threads);
  return fmt::format("\npre-training of {} on {}, {} prefixes; {}\n", options.model, dataset.name,
                     pretrainer.samples(), machine_line(options.threads, multiply_add_peak(parallel))) +
         fmt::format("training     {:.3f} s an epoch, median of {}\n", pretrainer.result().seconds_per_epoch,
                     bench.repeats) +
         memory;
}

}  // namespace cce
