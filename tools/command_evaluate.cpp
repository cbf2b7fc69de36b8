// cce_rec evaluate: full-ranking metrics of a checkpoint on a data set.
#include <fmt/core.h>

#include "data/catalog.h"
#include "tools/chosen_device.h"
#include "tools/command.h"
#include "tools/counted.h"
#include "tools/durable_file.h"
#include "tools/evaluator.h"
#include "tools/loaded_model.h"
#include "tools/memory_advice.h"
#include "tools/saved_evaluation.h"

namespace cce {
namespace {

void print_metrics(const Evaluation& evaluation) {
  for (int i = 0; i < kMetricCount; ++i) {
    fmt::print("{:<8} {:.4f}\n", name(static_cast<Metric>(i)), evaluation.metrics[static_cast<Metric>(i)]);
  }
  if (evaluation.excluded > 0) {
    fmt::print("{} had the item before; with --seen exclude they count as misses\n",
               counted(evaluation.excluded, "user"));
  }
  if (evaluation.tied > 0) fmt::print("{} tied with another; see --ties\n", counted(evaluation.tied, "item"));
}

void print_timestamps(const std::vector<TimestampMetrics>& timestamps, int max_length) {
  fmt::print("timestamp     users");
  for (const char* metric : kMetricNames) fmt::print("{:>9}", metric);
  fmt::print("\n");
  for (const TimestampMetrics& at : timestamps) {
    fmt::print("{:>9} {:>9}", at.timestamp, at.users);
    for (const double value : at.metrics.values) fmt::print("{:>9.4f}", value);
    const char* const split = at.timestamp == max_length       ? "  test"
                              : at.timestamp == max_length - 1 ? "  validation"
                                                               : "";
    fmt::print("{}\n", split);
  }
}

/// Prints what was measured as `print` does, or as JSON, and saves it where it is asked for: with the
/// checksum of the weights that were measured, whatever is in the checkpoint by now.
template <class Print>
void report(const EvaluateOptions& options, const LoadedModel& loaded, const Dataset& dataset,
            const std::string& title, const std::string& json, Print print) {
  if (!options.save.empty())
    write_durably(options.save, to_json(SavedEvaluation{loaded.checksum, dataset.fingerprint, json}));
  if (options.json) {
    fmt::print("{}\n", json);
  } else {
    fmt::print("{}\n", title);
    print();
  }
}

ExitCode evaluate_on(const Dataset& dataset, const EvaluateOptions& options) {
  const LoadedModel loaded = load_model(options, dataset);
  for (const std::string& note : loaded.notes) fmt::print(stderr, "{}\n", note);
  print_device_note(options.device_note);
  Parallel parallel(options.threads);
  loaded.model->move_to(chosen_device(options.device, "fp32"));
  const RankingRules rules{.seen = seen_named(options.seen), .ties = ties_named(options.ties)};
  const std::string users = counted(dataset.user_count(), "user");
  if (options.by_timestamp) {
    const std::vector<TimestampMetrics> timestamps =
        evaluate_by_timestamp(parallel, *loaded.model, dataset, loaded.max_length, rules, loaded.blank);
    report(options, loaded, dataset,
           fmt::format("{} on {}, by timestamp, {}", loaded.name, dataset.name, users), to_json(timestamps),
           [&] { print_timestamps(timestamps, loaded.max_length); });
    return ExitCode::done;
  }
  const Split split = options.split == "valid" ? Split::valid : Split::test;
  const Evaluation evaluation =
      evaluate(parallel, *loaded.model, dataset, split, loaded.max_length, rules, loaded.blank);
  report(options, loaded, dataset,
         fmt::format("{} on {}, {} split, {}", loaded.name, dataset.name, name(split), users),
         to_json(evaluation.metrics), [&] { print_metrics(evaluation); });
  return ExitCode::done;
}

}  // namespace

ExitCode command_evaluate(const EvaluateOptions& options) {
  if (!options.save.empty()) require_writable(options.save);  // before the work, not after it
  const Dataset dataset = load_dataset(options.data);
  return explaining_memory(dataset, [&] { return evaluate_on(dataset, options); });
}

}  // namespace cce
