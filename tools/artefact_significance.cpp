// Whether CCE is ahead of BCE and CE by more than chance, which the paper says of all its numbers.
#include <fmt/format.h>

#include <map>

#include "engine/error.h"
#include "tools/artefact.h"
#include "tools/artefact_choice.h"
#include "tools/report/run.h"

namespace cce {
namespace {

/// The runs of a model on a data set with a seed, by loss.
using OfLosses = std::map<std::string, ReportedRun>;

/// Those of which the ranks are there. Throws where they cannot be read.
OfLosses ranked_runs(const PlannedRun& cce, const ArtefactPlan& plan, const std::filesystem::path& folder) {
  OfLosses runs;
  for (const PlannedRun& run : plan.runs) {
    if (run.cell.data != cce.cell.data || run.cell.model != cce.cell.model || run.seed != cce.seed) continue;
    if (!is_finished(run, folder)) continue;
    ReportedRun reported = read_reported_run(folder / name(run));
    if (!reported.fault_of_ranking.empty()) fail("{}", reported.fault_of_ranking);
    if (!reported.ranks.empty()) runs.emplace(run.cell.loss, std::move(reported));
  }
  return runs;
}

struct Gain {
  std::string over;  ///< "bce" or "ce", whichever is better
  RunComparison comparison;
};

Gain gain_of_cce(const OfLosses& runs, Metric metric) {
  const auto tested = [&](const char* loss) { return runs.at(loss).result->test[metric]; };
  const std::string over = tested("bce") >= tested("ce") ? "bce" : "ce";
  const RankedRun other = ranked(runs.at(over)), cce = ranked(runs.at("cce"));
  require_comparable(other, cce);
  return {over, compare_runs(other.users, cce.users, metric)};
}

struct Numbers {
  int all = 0, ahead = 0, significant = 0;
};

/// A row for each metric, or one that says what is missing.
void add_rows(const PlannedRun& cce, const OfLosses& runs, TextTable& table, Numbers& numbers) {
  const std::vector<std::string> of_run = {cce.cell.data, cce.cell.model, fmt::format("{}", cce.seed)};
  const auto add_row = [&](const std::vector<std::string>& texts) {
    std::vector<std::string> row = of_run;
    row.insert(row.end(), texts.begin(), texts.end());
    row.resize(table.columns.size());
    table.rows.push_back(row);
  };
  for (const char* loss : {"bce", "ce", "cce"}) {
    if (!runs.contains(loss)) return add_row({"", fmt::format("{}: not run, or without ranks.tsv", loss)});
  }
  for (const Metric metric : kPaperMetrics) {
    const auto [over, comparison] = gain_of_cce(runs, metric);
    add_row({name(metric), over, fmt::format("{:.4f}", comparison.mean_a),
             fmt::format("{:.4f}", comparison.mean_b), fmt::format("{:+.4f}", comparison.test.mean),
             fmt::format("{:+.4f} to {:+.4f}", comparison.interval.low, comparison.interval.high),
             fmt::format("{:.2f}", comparison.test.t), probability_text(comparison.test.p)});
    ++numbers.all;
    numbers.ahead += comparison.test.mean > 0;
    numbers.significant += comparison.test.mean > 0 && comparison.test.p < 0.001;
  }
}

}  // namespace

ArtefactPlan plan_significance(const ReproduceOptions& options) {
  if (!options.loss.empty())
    fail_usage("--loss {}: leave it out; significance compares cce with bce and ce", options.loss);
  return {.runs = chosen_runs(options, {})};
}

ArtefactPages significance_pages(const ArtefactPlan& plan, const std::filesystem::path& folder) {
  TextTable table{
      {"data", "model", "seed", "metric", "over", "it has", "CCE has", "gain", "95 % interval", "t", "p"},
      {}};
  Numbers numbers;
  for (const PlannedRun& run : plan.runs) {
    if (run.cell.loss == "cce") add_rows(run, ranked_runs(run, plan, folder), table, numbers);
  }
  const std::string explanation = fmt::format(
      R"(CCE beside the better of BCE and CE on the test items: a t-test paired by user, and a bootstrap interval of the gain,
as `compare` has them. CCE is ahead in {} of {} numbers, with p < .001 in {}. Each is of two trainings with one seed: how
far another seed's would be from it is another question.)",
      numbers.ahead, numbers.all, numbers.significant);
  return pages_of(explanation.c_str(), table);
}

}  // namespace cce
