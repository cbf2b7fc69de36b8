// Figures 1 and 3: NDCG@10 at every timestamp of the sequences.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tools/artefact.h"
#include "tools/artefact_charts.h"
#include "tools/artefact_choice.h"
#include "tools/artefact_runs.h"
#include "tools/timestamp_metrics.h"

namespace cce {
namespace {

struct RunCurve {
  PlannedRun run;
  std::vector<TimestampMetrics> timestamps;  ///< none where the run has not finished
};

double ndcg10(const TimestampMetrics& at) {
  return at.metrics[Metric::ndcg10];
}

/// Over all targets of training, each counting once.
double mean_in_training(const std::vector<TimestampMetrics>& timestamps) {
  double sum = 0;
  int64_t targets = 0;
  for (size_t i = 0; i + 2 < timestamps.size(); ++i) {
    sum += ndcg10(timestamps[i]) * static_cast<double>(timestamps[i].users);
    targets += timestamps[i].users;
  }
  return targets > 0 ? sum / static_cast<double>(targets) : 0;
}

ArtefactPlan plan_for(const ReproduceOptions& options, const DefaultChoice& defaults) {
  ArtefactPlan plan{.runs = chosen_runs(options, defaults)};
  for (const PlannedRun& run : plan.runs)
    plan.evaluations.push_back({run, "by-timestamp", {"--by-timestamp"}});
  return plan;
}

std::vector<RunCurve> curves_of(const ArtefactPlan& plan, const std::filesystem::path& folder) {
  std::vector<RunCurve> curves;
  for (const PlannedEvaluation& evaluation : plan.evaluations) {
    const auto json = read_evaluation(evaluation, folder);
    curves.push_back({evaluation.run, {}});
    if (json)
      curves.back().timestamps = parse_timestamps(*json, evaluation_path(evaluation, folder).string());
  }
  return curves;
}

/// A row per run: how well it ranks what it was trained on, the last of that, and what comes after.
TextTable summary(const std::vector<RunCurve>& curves) {
  TextTable table{{"NDCG@10", "training", "its last timestamp", "validation", "test"}, {}};
  for (const RunCurve& curve : curves) {
    const auto& timestamps = curve.timestamps;
    std::vector<std::string> row = {name(curve.run)};
    if (timestamps.size() < 3) {
      row.insert(row.end(), {"not run", "", "", ""});
    } else {
      row.push_back(fmt::format("{:.4f}", mean_in_training(timestamps)));
      for (size_t from_end = 3; from_end >= 1; --from_end)
        row.push_back(fmt::format("{:.4f}", ndcg10(timestamps[timestamps.size() - from_end])));
    }
    table.rows.push_back(row);
  }
  return table;
}

TextTable all_numbers(const std::vector<RunCurve>& curves) {
  TextTable table{{"data", "model", "loss", "seed", "timestamp", "users", "NDCG@10", "HR@10"}, {}};
  for (const RunCurve& curve : curves) {
    const Cell& cell = curve.run.cell;
    for (const TimestampMetrics& at : curve.timestamps) {
      table.rows.push_back({cell.data, cell.model, cell.loss, fmt::format("{}", curve.run.seed),
                            fmt::format("{}", at.timestamp), fmt::format("{}", at.users),
                            fmt::format("{:.6f}", ndcg10(at)),
                            fmt::format("{:.6f}", at.metrics[Metric::hr10])});
    }
  }
  return table;
}

/// Of the runs in one chart: a row per timestamp, a column per run.
TextTable chart_table(const std::string& title, const std::vector<RunCurve>& curves,
                      const ArtefactPlan& plan) {
  TextTable table{{"timestamp", "users"}, {}};
  std::map<int64_t, std::vector<std::string>> rows;
  for (const RunCurve& curve : curves) {
    if (curve.timestamps.empty() || chart_title(curve.run) != title) continue;
    table.columns.push_back(series_name(curve.run, plan));
    for (const TimestampMetrics& at : curve.timestamps) {
      std::vector<std::string>& row = rows[at.timestamp];
      if (row.empty()) row = {fmt::format("{}", at.timestamp), fmt::format("{}", at.users)};
      row.push_back(fmt::format("{:.4f}", ndcg10(at)));
    }
  }
  for (auto& [timestamp, row] : rows) table.rows.push_back(std::move(row));
  return table;
}

constexpr const char* kExplanation =
    R"(Sequences end at the same timestamp: the last is the test item, the one before it the validation item, those
before it what was trained on. The mean of a timestamp is over the users who have an item there. All items are
ranked but those that the user had before.)";

}  // namespace

ArtefactPlan plan_figure1(const ReproduceOptions& options) {
  return plan_for(options, {.data = {"yelp"}, .models = {"gru4rec"}});
}

ArtefactPlan plan_figure3(const ReproduceOptions& options) {
  return plan_for(options, {});
}

ArtefactPages timestamp_pages(const ArtefactPlan& plan, const std::filesystem::path& folder) {
  const std::vector<RunCurve> curves = curves_of(plan, folder);
  ArtefactPages pages = pages_of(kExplanation, summary(curves));
  pages.tsv = to_tsv(all_numbers(curves));
  std::vector<std::string> titles;
  for (const RunCurve& curve : curves) {
    const std::string title = chart_title(curve.run);
    if (curve.timestamps.empty() || std::ranges::find(titles, title) != titles.end()) continue;
    titles.push_back(title);
    pages.markdown += fmt::format("\n## {}\n\n{}", title, to_markdown(chart_table(title, curves, plan)));
  }
  pages.svg = charts_file("NDCG@10 at every timestamp", plan, {.title = "timestamp", .whole = true},
                          {.title = "NDCG@10", .include = {0}}, [&](size_t i) {
                            ChartSeries series;
                            for (const TimestampMetrics& at : curves[i].timestamps)
                              series.points.push_back({static_cast<double>(at.timestamp), ndcg10(at)});
                            return series;
                          });
  return pages;
}

}  // namespace cce
