// cce_rec evaluate: full-ranking metrics of a checkpoint on a data set.
#include <fmt/core.h>

#include "data/catalog.h"
#include "tools/chosen_device.h"
#include "tools/command.h"
#include "tools/counted.h"
#include "tools/evaluator.h"
#include "tools/loaded_model.h"
#include "tools/memory_advice.h"

namespace cce {
namespace {

ExitCode evaluate_on(const Dataset& dataset, const EvaluateOptions& options) {
  const LoadedModel loaded = load_model(options, dataset);
  for (const std::string& note : loaded.notes) fmt::print(stderr, "{}\n", note);
  print_device_note(options.device_note);
  Parallel parallel(options.threads);
  loaded.model->move_to(chosen_device(options.device, "fp32"));
  const Split split = options.split == "valid" ? Split::valid : Split::test;
  const Evaluation evaluation = evaluate(parallel, *loaded.model, dataset, split, loaded.max_length,
                                         seen_named(options.seen), loaded.blank);
  if (options.json) {
    fmt::print("{}\n", to_json(evaluation.metrics));
    return ExitCode::done;
  }
  fmt::print("{} on {}, {} split, {}\n", loaded.name, dataset.name, name(split),
             counted(dataset.user_count(), "user"));
  for (int i = 0; i < kMetricCount; ++i) {
    fmt::print("{:<8} {:.4f}\n", kMetricNames[static_cast<size_t>(i)],
               evaluation.metrics.values[static_cast<size_t>(i)]);
  }
  if (evaluation.excluded > 0) {
    fmt::print("{} had the item before; with --seen exclude they count as misses\n",
               counted(evaluation.excluded, "user"));
  }
  if (evaluation.tied > 0)
    fmt::print("{} tied with another; half of those rank before them\n", counted(evaluation.tied, "item"));
  return ExitCode::done;
}

}  // namespace

ExitCode command_evaluate(const EvaluateOptions& options) {
  const Dataset dataset = load_dataset(options.data);
  return explaining_memory(dataset, [&] { return evaluate_on(dataset, options); });
}

}  // namespace cce
