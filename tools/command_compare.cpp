// cce_rec compare: whether one run is better than another by more than chance, user by user.
#include <fmt/core.h>

#include <cmath>
#include <filesystem>

#include "tools/command.h"
#include "tools/durable_file.h"
#include "tools/run_files.h"
#include "tools/run_records.h"
#include "tools/statistics.h"

namespace cce {
namespace {

constexpr uint64_t kMostBytes = uint64_t{1} << 32;

struct Run {
  std::string folder;
  RunResult result;
  std::vector<UserRanks> ranks;
};

Run read_run(const std::string& folder) {
  const std::filesystem::path result = std::filesystem::path(folder) / file_name(RunFile::result);
  const std::filesystem::path ranks = std::filesystem::path(folder) / file_name(RunFile::ranks);
  require(std::filesystem::exists(result), "{}: no finished run (it has no {})", folder,
          file_name(RunFile::result));
  return {folder, parse_run_result(read_file(result, kMostBytes), result.string()),
          parse_ranks(read_file(ranks, kMostBytes), ranks.string())};
}

void require_same_users(const Run& a, const Run& b) {
  require(a.result.data == b.result.data, "{} is of {} and {} of {}: only runs on the same data compare",
          a.folder, a.result.data, b.folder, b.result.data);
  require(a.ranks.size() == b.ranks.size(),
          "{} has {} users and {} has {}: they were not run on the same data", a.folder, a.ranks.size(),
          b.folder, b.ranks.size());
  for (size_t i = 0; i < a.ranks.size(); ++i) {
    require(a.ranks[i].user == b.ranks[i].user, "user {} of {} is {} there and {} in {}: not the same data",
            i + 1, a.folder, a.ranks[i].user, b.ranks[i].user, b.folder);
  }
}

/// What one user adds to the mean that a metric is.
double contribution(Metric metric, int64_t rank) {
  const auto within = [&](int64_t k) { return rank < k; };
  const double gain = 1 / std::log2(static_cast<double>(rank) + 2);
  switch (metric) {
    case Metric::hr5:
      return within(5);
    case Metric::hr10:
      return within(10);
    case Metric::hr20:
      return within(20);
    case Metric::ndcg5:
      return within(5) ? gain : 0;
    case Metric::ndcg10:
      return within(10) ? gain : 0;
    case Metric::ndcg20:
      return within(20) ? gain : 0;
    case Metric::mrr:
      return 1 / (static_cast<double>(rank) + 1);
  }
  return 0;
}

std::string probability(double p) {
  return p < 0.001 ? "p < .001" : fmt::format("p = {:.3f}", p);
}

void print_row(const Run& a, const Run& b, Metric metric) {
  std::vector<double> differences;
  double mean_a = 0, mean_b = 0;
  for (size_t i = 0; i < a.ranks.size(); ++i) {
    const double of_a = contribution(metric, a.ranks[i].test), of_b = contribution(metric, b.ranks[i].test);
    mean_a += of_a, mean_b += of_b;
    differences.push_back(of_b - of_a);
  }
  const auto users = static_cast<double>(differences.size());
  const TTest test = paired_t_test(differences);
  const Interval interval = bootstrap_interval(differences);
  fmt::print("{:<8} {:.4f}  {:.4f}  {:+.4f}  [{:+.4f}, {:+.4f}]  t = {:7.2f}  {}\n",
             kMetricNames[static_cast<size_t>(metric)], mean_a / users, mean_b / users, test.mean,
             interval.low, interval.high, test.t, probability(test.p));
}

}  // namespace

ExitCode command_compare(const CompareOptions& options) {
  const Run a = read_run(options.first), b = read_run(options.second);
  require_same_users(a, b);
  fmt::print("A: {} ({} {})\nB: {} ({} {})\n{} users of {}, test split\n\n", a.folder, a.result.model,
             a.result.loss, b.folder, b.result.model, b.result.loss, a.ranks.size(), a.result.data);
  fmt::print("metric   A       B       B - A    95 % interval         paired t-test\n");
  for (int i = 0; i < kMetricCount; ++i) print_row(a, b, static_cast<Metric>(i));
  return ExitCode::done;
}

}  // namespace cce
