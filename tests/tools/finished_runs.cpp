#include "tests/tools/finished_runs.h"

#include "tools/durable_file.h"

namespace cce::test {

Metrics all_metrics(double value) {
  Metrics metrics;
  metrics.values.fill(value);
  return metrics;
}

void write_finished_run(const PlannedRun& run, const std::filesystem::path& folder,
                        const std::vector<MadeUpEpoch>& epochs) {
  RunResult result{.model = run.cell.model,
                   .loss = run.cell.loss,
                   .timestamps = "all",
                   .data = run.cell.data,
                   .seed = run.seed,
                   .device = "cpu",
                   .threads = 1,
                   .seconds_per_epoch = 1,
                   .seconds_total = 90,
                   .peak_rss_bytes = 123'000'000};
  std::string lines;
  for (const auto& [valid, test] : epochs) {
    ++result.epochs;
    if (result.best_epoch == 0 || valid[Metric::ndcg20] > result.valid[Metric::ndcg20])
      result.best_epoch = result.epochs, result.valid = valid, result.test = test;
    lines += to_json(EpochRecord{.epoch = result.epochs,
                                 .loss = 1,
                                 .seconds_train = 1,
                                 .seconds_valid = 0.5,
                                 .valid = valid,
                                 .test = test}) +
             "\n";
  }
  const std::filesystem::path path = folder / name(run);
  std::filesystem::create_directories(path);
  write_durably(path / "metrics.jsonl", lines);
  write_durably(path / "result.json", to_json(result));
}

}  // namespace cce::test
