#include "tools/artefact_charts.h"

#include <fmt/format.h>

#include <algorithm>

namespace cce {

std::string chart_title(const PlannedRun& run) {
  return run.cell.model + " on " + run.cell.data;
}

std::string series_name(const PlannedRun& run, const ArtefactPlan& plan) {
  const bool one_seed =
      std::ranges::all_of(plan.runs, [&](const PlannedRun& other) { return other.seed == run.seed; });
  return one_seed ? run.cell.loss : fmt::format("{}, seed {}", run.cell.loss, run.seed);
}

std::string charts_file(const std::string& title, const ArtefactPlan& plan, const ChartAxis& x,
                        const ChartAxis& y, const std::function<ChartSeries(size_t run)>& series_of) {
  std::vector<std::string> names;  // whose places are their looks
  std::vector<Chart> charts;
  for (size_t i = 0; i < plan.runs.size(); ++i) {
    const std::string chart_name = chart_title(plan.runs[i]), name = series_name(plan.runs[i], plan);
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    ChartSeries series = series_of(i);
    if (series.points.empty()) continue;
    series.name = name;
    series.look = static_cast<size_t>(std::ranges::find(names, name) - names.begin());
    auto chart = std::ranges::find(charts, chart_name, &Chart::title);
    if (chart == charts.end()) chart = charts.insert(chart, {.title = chart_name, .x = x, .y = y});
    chart->series.push_back(std::move(series));
  }
  return charts.empty() ? "" : svg_file(title, charts);
}

}  // namespace cce
