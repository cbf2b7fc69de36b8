#include "tests/tools/report/sample_runs.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <vector>

#include "tools/metrics.h"
#include "tools/run_records.h"

namespace cce::testing {
namespace {

/// Means over what the ranks give.
Metrics scaled_metrics(const std::vector<UserRanks>& users, double scale) {
  std::vector<int32_t> ranks;
  for (const UserRanks& user : users) ranks.push_back(static_cast<int32_t>(user.test));
  Metrics metrics = metrics_of(ranks, 1 << 30);
  for (double& value : metrics.values) value *= scale;
  return metrics;
}

std::vector<UserRanks> ranks_of(const SampleRun& sample) {
  std::vector<UserRanks> ranks;
  for (int user = 1; user <= sample.users; ++user) {
    const auto rank = static_cast<int64_t>((user * 37 % 1000) / (4 * sample.quality));
    ranks.push_back({fmt::format("{}", user), rank, rank});
  }
  return ranks;
}

}  // namespace

std::string write_run(const TemporaryFolder& folder, const std::string& name, const SampleRun& sample) {
  std::filesystem::create_directories(folder.path() / name);
  folder.write(
      name + "/config.toml",
      fmt::format("model = \"gru4rec\"\ndata = \"{}\"\nloss = \"{}\"\nepochs = 150\nstop-on = \"NDCG@20\"\n"
                  "seed = 42\nthreads = 2\ndevice = \"cpu\"\n{}",
                  sample.data, sample.loss, sample.extra_option));
  const std::vector<UserRanks> ranks = ranks_of(sample);
  std::string lines;
  for (int epoch = 1; epoch <= sample.epochs; ++epoch) {
    const double scale = sample.constant ? 1 : 1 - std::exp(-3.0 * epoch / sample.epochs);
    EpochRecord record{epoch, 9 - 3 * scale, sample.constant ? 2.0 : 2.0 + 0.1 * (epoch % 5), 0.25,
                       {},    std::nullopt};
    record.valid = scaled_metrics(ranks, scale);
    lines += to_json(record) + "\n";
  }
  folder.write(name + "/metrics.jsonl", lines);
  if (!sample.finished) return folder / name;
  RunResult result{
      .model = "gru4rec", .loss = sample.loss, .timestamps = "all", .data = sample.data, .device = "cpu"};
  result.seed = 42, result.threads = 2, result.epochs = result.best_epoch = sample.epochs;
  result.parameters = 845248, result.seconds_per_epoch = 2.1, result.seconds_total = 2.4 * sample.epochs;
  result.peak_rss_bytes = 162'000'000, result.valid = result.test = scaled_metrics(ranks, 1);
  folder.write(name + "/result.json", to_json(result));
  folder.write(name + "/ranks.tsv", to_tsv(ranks));
  return folder / name;
}

std::string write_pretraining(const TemporaryFolder& folder, const std::string& name, int epochs,
                              bool finished) {
  std::filesystem::create_directories(folder.path() / name);
  folder.write(name + "/config.toml", "model = \"s3rec\"\ndata = \"unknown_data\"\npretrain-epochs = 150\n");
  std::string lines;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    lines +=
        to_json(PretrainingRecord{epoch, 80.0 / epoch, {50.0 / epoch, 1.5, 30.0 / epoch, 0.6}, 40}) + "\n";
  }
  folder.write(name + "/metrics.jsonl", lines);
  if (finished) {
    folder.write(name + "/result.json", to_json(PretrainingResult{.model = "s3rec",
                                                                  .data = "unknown_data",
                                                                  .seed = 42,
                                                                  .device = "cpu",
                                                                  .threads = 2,
                                                                  .samples = 1000,
                                                                  .epochs = epochs,
                                                                  .parameters = 144768,
                                                                  .seconds_per_epoch = 40,
                                                                  .seconds_total = 160,
                                                                  .peak_rss_bytes = 90'000'000}));
  }
  return folder / name;
}

}  // namespace cce::testing
