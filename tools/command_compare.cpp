// cce_rec compare: whether one run is better than another by more than chance, user by user.
#include <fmt/core.h>

#include <filesystem>

#include "tools/command.h"
#include "tools/durable_file.h"
#include "tools/option_file.h"
#include "tools/run_comparison.h"
#include "tools/run_files.h"
#include "tools/run_records.h"

namespace cce {
namespace {

struct Run {
  std::string folder;
  RunResult result;
  std::vector<UserRanks> ranks;
  std::string seen;  // --seen; empty where no file says
};

/// The value of an option in config.toml; "" if that is not there.
std::string option_of(const std::filesystem::path& run, const std::string& option) {
  const std::filesystem::path config = run / file_name(RunFile::config);
  if (!std::filesystem::exists(config)) return "";
  for (const ConfigLine& line : read_config(config.string())) {
    if (line.key == option) return line.value;
  }
  return "";
}

Run read_run(const std::string& folder) {
  const std::filesystem::path result = std::filesystem::path(folder) / file_name(RunFile::result);
  const std::filesystem::path ranks = std::filesystem::path(folder) / file_name(RunFile::ranks);
  require(std::filesystem::exists(result), "{}: no finished run (it has no {})", folder,
          file_name(RunFile::result));
  return {folder, parse_run_result(read_file(result, kMaxRunFileBytes), result.string()),
          parse_ranks(read_file(ranks, kMaxRunFileBytes), ranks.string()), option_of(folder, "seen")};
}

RankedRun ranked(const Run& run) {
  return {run.folder, run.result.data, run.seen, {run.ranks, run.result.items}};
}

void print_row(const Run& a, const Run& b, Metric metric) {
  const RunComparison comparison = compare_runs(ranked(a).users, ranked(b).users, metric);
  fmt::print("{:<8} {:.4f}  {:.4f}  {:+.4f}  [{:+.4f}, {:+.4f}]  t = {:7.2f}  {}\n", name(metric),
             comparison.mean_a, comparison.mean_b, comparison.test.mean, comparison.interval.low,
             comparison.interval.high, comparison.test.t, probability_text(comparison.test.p));
}

}  // namespace

ExitCode command_compare(const CompareOptions& options) {
  const Run a = read_run(options.first), b = read_run(options.second);
  require_comparable(ranked(a), ranked(b));
  fmt::print("A: {} ({} {})\nB: {} ({} {})\n{} users of {}, test split\n\n", a.folder, a.result.model,
             a.result.loss, b.folder, b.result.model, b.result.loss, a.ranks.size(), a.result.data);
  fmt::print("metric   A       B       B - A    95 % interval         paired t-test\n");
  for (int i = 0; i < kMetricCount; ++i) print_row(a, b, static_cast<Metric>(i));
  return ExitCode::done;
}

}  // namespace cce
