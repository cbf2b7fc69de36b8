// cce_rec train: from options to a run folder.
#include <fmt/core.h>

#include "data/catalog.h"
#include "data/demo.h"
#include "tools/chosen_device.h"
#include "tools/command.h"
#include "tools/counted.h"
#include "tools/item_map_file.h"
#include "tools/machine.h"
#include "tools/memory_advice.h"
#include "tools/shared_pretraining.h"
#include "tools/signals.h"
#include "tools/trainer.h"

namespace cce {
namespace {

RunFolderRequest folder_request(const TrainOptions& options, const Dataset& dataset) {
  return {.out = options.out,
          .default_name = fmt::format("{}-{}-{}-{}", options.model, options.loss, dataset.name, options.seed),
          .resume = options.resume,
          .overwrite = options.overwrite,
          .tensorboard = options.tensorboard};
}

void print_split(const char* split, const Metrics& metrics) {
  fmt::print("{:<6}", split);
  for (int i = 0; i < kMetricCount; ++i) {
    fmt::print(" {} {:.4f}", name(static_cast<Metric>(i)), metrics[static_cast<Metric>(i)]);
  }
  fmt::print("\n");
}

void print_result(const TrainOptions& options, const RunFolder& folder, const RunResult& result) {
  fmt::print("\nbest epoch {} of {}, {:.2f} s an epoch, {:.0f} s in all, at most {} MB\n", result.best_epoch,
             result.epochs, result.seconds_per_epoch, result.seconds_total, megabytes(result.peak_rss_bytes));
  print_split("valid", result.valid);
  print_split("test", result.test);
  if (options.data == "demo") {
    const BestPossible best = demo_best_possible(Split::test, 10);
    fmt::print(
        "The demo's process is known: no model can expect more than NDCG@10 {:.4f}, and this one reached "
        "{:.1f} % of that.\n",
        best.ndcg, 100 * result.test[Metric::ndcg10] / best.ndcg);
  }
  fmt::print("saved in {}\n", folder.path().string());
}

/// On the CPU a table has its weights, a gradient, two moments, and the best weights so far.
void require_memory_for(const TrainOptions& options, const Dataset& dataset) {
  const TrainingSize size{.width = options.embedding_size,
                          .copies = options.device == "cpu" ? 5 : 1,
                          .batch_size = options.batch_size,
                          .max_length = options.max_length};
  require_memory(dataset, least_memory(dataset, size), available_memory());
}

ExitCode train_on(const Dataset& dataset, const TrainOptions& options) {
  require_memory_for(options, dataset);
  RunFolder folder(folder_request(options, dataset));
  if (folder.state() == RunFolder::State::finished) {
    require_same_run(folder, training_info(options, dataset));
  }
  if (!folder.notice().empty()) fmt::print("{}\n", folder.notice());
  if (folder.state() == RunFolder::State::finished) return ExitCode::done;
  if (dataset.users_left_out > 0) {
    fmt::print("left out: {} with fewer than {} items\n", counted(dataset.users_left_out, "user"),
               kFewestItems);
  }

  TrainOptions with_weights = options;
  if (options.pretrain_epochs > 0 && folder.state() == RunFolder::State::anew) {
    const PretrainedWeights weights = pretrain_before(options, dataset, folder.path());
    if (weights.code != ExitCode::done) return weights.code;
    with_weights.init = weights.checkpoint.string();
  }
  Trainer trainer(with_weights, dataset, folder);
  folder.write_config(to_toml(options));
  keep_item_map(folder, options.data, dataset);
  print_device_note(options.device_note);
  fmt::print("{} with {} over {} timestamps on {}: {}, {}, {}, {}\n", options.model, options.loss,
             options.timestamps == "last" ? "the last" : options.timestamps, dataset.name,
             counted(dataset.user_count(), "user"), counted(dataset.max_item, "item"),
             counted(trainer.parameter_count(), "parameter"), device_text(options.device, options.threads));
  std::fflush(stdout);
  const ExitCode code = trainer.run();
  if (code == ExitCode::done) print_result(options, folder, trainer.result());
  return code;
}

}  // namespace

ExitCode command_train(const TrainOptions& options) {
  const StopSignals signals;
  const Dataset dataset = load_dataset(options.data);
  return explaining_memory(dataset, [&] { return train_on(dataset, options); });
}

}  // namespace cce
