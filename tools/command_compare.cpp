// cce_rec compare: whether one run is better than another by more than chance, user by user.
#include <fmt/core.h>

#include <filesystem>

#include "tools/command.h"
#include "tools/report/run.h"
#include "tools/run_files.h"

namespace cce {
namespace {

/// A finished training. Throws where the folder has none, or has a file that cannot be read.
ReportedRun read_finished(const std::string& folder) {
  require(std::filesystem::exists(std::filesystem::path(folder) / file_name(RunFile::result)),
          "{}: no finished run (it has no {})", folder, file_name(RunFile::result));
  ReportedRun run = read_reported_run(folder);
  if (!run.fault_of_ranking.empty()) fail("{}", run.fault_of_ranking);
  require(run.result.has_value(), "{}: is a pre-training, which ranks nothing", folder);
  require(!run.ranks.empty(), "{}: has no {} to compare", folder, file_name(RunFile::ranks));
  return run;
}

void print_row(const ReportedRun& a, const ReportedRun& b, Metric metric) {
  const RunComparison comparison = compare_runs(ranked(a).users, ranked(b).users, metric);
  fmt::print("{:<8} {:.4f}  {:.4f}  {:+.4f}  [{:+.4f}, {:+.4f}]  t = {:7.2f}  {}\n", name(metric),
             comparison.mean_a, comparison.mean_b, comparison.test.mean, comparison.interval.low,
             comparison.interval.high, comparison.test.t, probability_text(comparison.test.p));
}

}  // namespace

ExitCode command_compare(const CompareOptions& options) {
  const ReportedRun a = read_finished(options.first), b = read_finished(options.second);
  require_comparable(ranked(a), ranked(b));
  fmt::print("A: {} ({} {})\nB: {} ({} {})\n{} users of {}, test split\n\n", options.first, a.model, a.loss,
             options.second, b.model, b.loss, a.ranks.size(), a.data);
  fmt::print("metric   A       B       B - A    95 % interval         paired t-test\n");
  for (int i = 0; i < kMetricCount; ++i) print_row(a, b, static_cast<Metric>(i));
  return ExitCode::done;
}

}  // namespace cce
