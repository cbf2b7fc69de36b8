// Figure 2: test NDCG@10 against the time of training.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tools/artefact.h"
#include "tools/artefact_charts.h"
#include "tools/artefact_choice.h"

namespace cce {
namespace {

/// A run's test NDCG@10 after each epoch, and the seconds of training and validation until then.
struct LearningCurve {
  PlannedRun run;
  std::optional<RunResult> result;  ///< nothing where the run has not finished
  /// None where the run tested only its best epoch, or epochs are missing.
  std::vector<double> seconds, ndcg10;
  size_t best = 0;  ///< the place of the best epoch in them
};

LearningCurve curve_of(const PlannedRun& run, const std::filesystem::path& folder) {
  LearningCurve curve{.run = run, .result = read_result(run, folder)};
  if (!curve.result) return curve;
  const LearningCurve without_tests = curve;
  double seconds = 0;
  for (const EpochRecord& epoch : read_epochs(run, folder)) {
    if (!epoch.test || epoch.epoch != std::ssize(curve.seconds) + 1) return without_tests;
    seconds += epoch.seconds_train + epoch.seconds_valid;
    curve.seconds.push_back(seconds);
    curve.ndcg10.push_back((*epoch.test)[Metric::ndcg10]);
  }
  const int64_t best = curve.result->best_epoch;
  if (best < 1 || best > std::ssize(curve.seconds)) return without_tests;
  curve.best = static_cast<size_t>(best - 1);
  return curve;
}

/// What the curve has reached after so many seconds; 0 before the first epoch.
double reached(const LearningCurve& curve, double seconds) {
  const auto after = std::ranges::upper_bound(curve.seconds, seconds);
  return after == curve.seconds.begin()
             ? 0
             : curve.ndcg10[static_cast<size_t>(after - curve.seconds.begin()) - 1];
}

/// The seconds until the curve first reaches a value; nothing where it never does.
std::optional<double> seconds_until(const LearningCurve& curve, double ndcg10) {
  const auto found = std::ranges::find_if(curve.ndcg10, [&](double value) { return value >= ndcg10; });
  if (found == curve.ndcg10.end()) return std::nullopt;
  return curve.seconds[static_cast<size_t>(found - curve.ndcg10.begin())];
}

/// In what share of CCE's epochs its curve is above both others at that time; nothing where one is missing.
std::optional<double> share_ahead(const LearningCurve& cce, const std::vector<LearningCurve>& curves) {
  std::vector<const LearningCurve*> others;
  for (const LearningCurve& curve : curves) {
    if (!curve.seconds.empty() && curve.run.seed == cce.run.seed &&
        curve.run.cell.data == cce.run.cell.data && curve.run.cell.model == cce.run.cell.model &&
        curve.run.cell.loss != "cce")
      others.push_back(&curve);
  }
  if (others.size() < 2) return std::nullopt;
  int64_t ahead = 0;
  for (size_t i = 0; i < cce.seconds.size(); ++i) {
    ahead += std::ranges::all_of(
        others, [&](const LearningCurve* other) { return cce.ndcg10[i] > reached(*other, cce.seconds[i]); });
  }
  return static_cast<double>(ahead) / static_cast<double>(cce.seconds.size());
}

/// What the paper's text says of the seconds of an epoch, on an RTX 3090: SASRec on Sports is all there is.
std::string paper_seconds(const Cell& cell) {
  if (cell.data != "sports" || cell.model != "sasrec") return "";
  return cell.loss == "cce" ? "12.24" : cell.loss == "bce" ? "11.21" : "12.62";
}

TextTable summary(const std::vector<LearningCurve>& curves) {
  TextTable table{{"run", "seconds an epoch", "the paper's", "epochs (best)", "seconds to the best",
                   "to half of it", "test NDCG@10", "CCE ahead"},
                  {}};
  for (const LearningCurve& curve : curves) {
    if (curve.seconds.empty()) {
      table.rows.push_back({name(curve.run), curve.result ? "has no tests by epoch" : "not run",
                            paper_seconds(curve.run.cell), "", "", "", "", ""});
      continue;
    }
    const auto half = seconds_until(curve, curve.ndcg10[curve.best] / 2);
    const auto ahead = curve.run.cell.loss == "cce" ? share_ahead(curve, curves) : std::nullopt;
    table.rows.push_back({name(curve.run), fmt::format("{:.2f}", curve.result->seconds_per_epoch),
                          paper_seconds(curve.run.cell),
                          fmt::format("{} ({})", curve.result->epochs, curve.result->best_epoch),
                          fmt::format("{:.1f}", curve.seconds[curve.best]),
                          half ? fmt::format("{:.1f}", *half) : "",
                          fmt::format("{:.4f}", curve.ndcg10[curve.best]),
                          ahead ? fmt::format("{:.0f} %", 100 * *ahead) : ""});
  }
  return table;
}

TextTable all_numbers(const std::vector<LearningCurve>& curves) {
  TextTable table{{"data", "model", "loss", "seed", "epoch", "seconds", "NDCG@10"}, {}};
  for (const LearningCurve& curve : curves) {
    const Cell& cell = curve.run.cell;
    for (size_t i = 0; i < curve.seconds.size(); ++i) {
      table.rows.push_back({cell.data, cell.model, cell.loss, fmt::format("{}", curve.run.seed),
                            fmt::format("{}", i + 1), fmt::format("{:.3f}", curve.seconds[i]),
                            fmt::format("{:.6f}", curve.ndcg10[i])});
    }
  }
  return table;
}

ChartSeries series_of(const LearningCurve& curve) {
  ChartSeries series;
  if (curve.seconds.empty()) return series;
  series.best = curve.best;
  for (size_t i = 0; i < curve.seconds.size(); ++i)
    series.points.push_back({curve.seconds[i], curve.ndcg10[i]});
  return series;
}

constexpr const char* kExplanation =
    R"(Seconds of training and validation (on one thread of a CPU, unless a GPU was asked for), without
S3-Rec's pre-training and without the tests after each epoch. "CCE ahead": the share of its epochs after
which CCE has a better test NDCG@10 than BCE and CE have at that time.)";

}  // namespace

ArtefactPlan plan_figure2(const ReproduceOptions& options) {
  return {.runs = chosen_runs(options, {})};
}

ArtefactPages figure2_pages(const ArtefactPlan& plan, const std::filesystem::path& folder) {
  std::vector<LearningCurve> curves;
  for (const PlannedRun& run : plan.runs) curves.push_back(curve_of(run, folder));
  ArtefactPages pages = pages_of(kExplanation, summary(curves));
  pages.tsv = to_tsv(all_numbers(curves));
  pages.svg =
      charts_file("Test NDCG@10 in the course of training", plan,
                  {.title = "seconds of training and validation", .include = {0}},
                  {.title = "test NDCG@10", .include = {0}}, [&](size_t i) { return series_of(curves[i]); });
  return pages;
}

}  // namespace cce
