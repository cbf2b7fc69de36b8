#include "tools/report/comparison.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/error.h"
#include "tools/markup.h"
#include "tools/report/html.h"
#include "tools/report/run_tables.h"
#include "tools/run_comparison.h"

namespace cce {
namespace {

const std::array kMetricsOfMany = {Metric::ndcg10, Metric::hr10};

std::string verdict(const RunComparison& comparison) {
  const bool by_chance = comparison.test.p >= 0.05;
  return by_chance ? "may be chance" : comparison.test.mean > 0 ? "better" : "worse";
}

std::vector<HtmlCell> difference_cells(const RunComparison& comparison) {
  return {{fmt::format("{:+.4f}", comparison.test.mean)},
          {fmt::format("{:+.4f} to {:+.4f}", comparison.interval.low, comparison.interval.high)},
          {escaped_markup(probability_text(comparison.test.p))},
          {verdict(comparison)}};
}

/// Two runs: each metric.
std::string pair_html(std::span<const ReportedRun> runs, size_t best, size_t other) {
  const ReportedRun &a = runs[other], &b = runs[best];
  HtmlTable table{.caption = fmt::format("{} (B) beside {} (A)", b.name, a.name),
                  .header = {"metric", "A", "B", "B - A", "95 % interval", "paired t-test", "B is"},
                  .rows = {},
                  .style_class = "numbers"};
  for (int i = 0; i < kMetricCount; ++i) {
    const RunComparison comparison = compare_runs(ranked(a).users, ranked(b).users, static_cast<Metric>(i));
    auto& row = table.rows.emplace_back();
    row = {
        {name(static_cast<Metric>(i))}, {metric_text(comparison.mean_a)}, {metric_text(comparison.mean_b)}};
    const std::vector<HtmlCell> cells = difference_cells(comparison);
    row.insert(row.end(), cells.begin(), cells.end());
  }
  return html_table(table);
}

/// Many runs: each beside the best, in a picture and a table per metric.
std::string many_html(std::span<const ReportedRun> runs, size_t best, const std::vector<size_t>& others,
                      const std::string& id) {
  std::string charts, tables;
  for (const Metric metric : kMetricsOfMany) {
    HtmlTable table{.caption = fmt::format("{}: each run beside {}, the best", name(metric), runs[best].name),
                    .header = {"run", name(metric), "difference", "95 % interval", "paired t-test", "it is"},
                    .rows = {},
                    .style_class = "numbers"};
    Chart chart{fmt::format("{} beside the best run's", name(metric)),
                {.title = "number in the table"},
                {.title = "difference, with its 95 % interval", .include = {0}},
                {}};
    for (const size_t other : others) {
      const RunComparison comparison =
          compare_runs(ranked(runs[best]).users, ranked(runs[other]).users, metric);
      auto& row = table.rows.emplace_back();
      row = {{fmt::format("<small>{}</small> {}", table.rows.size(), run_label(runs, other))},
             {metric_text(comparison.mean_b)}};
      const std::vector<HtmlCell> cells = difference_cells(comparison);
      row.insert(row.end(), cells.begin(), cells.end());
      const ChartPoint point{static_cast<double>(chart.series.size()), comparison.test.mean,
                             ChartPoint::Range{comparison.interval.low, comparison.interval.high}};
      chart.series.push_back({runs[other].name, {point}, SeriesKind::points, std::nullopt, other});
      chart.x.names.push_back(fmt::format("{}", chart.series.size()));
    }
    charts += html_chart(chart, fmt::format("{}-{}", id, static_cast<int>(metric)));
    tables += html_table(table);
  }
  return "<div class=\"charts\">\n" + charts + "</div>\n" + tables;
}

}  // namespace

std::string comparison_html(std::span<const ReportedRun> runs, const DataGroup& group, const std::string& id,
                            std::vector<std::string>& faults) {
  std::vector<size_t> compared;
  for (const size_t run : group.runs) {
    if (runs[run].result && runs[run].ranks.size() >= 2) compared.push_back(run);
  }
  if (compared.size() < 2) return "";
  const size_t best = *std::ranges::max_element(
      compared, {}, [&](size_t run) { return runs[run].result->test[Metric::ndcg10]; });
  std::string left_out;
  std::erase_if(compared, [&](size_t run) {
    if (run == best) return true;
    if (!ranked_the_same_candidates(ranked(runs[best]), ranked(runs[run]))) {
      left_out += fmt::format("<p>{} is left out: it ranked other candidates (--seen {}).</p>\n",
                              escaped_markup(runs[run].name), escaped_markup(runs[run].option("seen")));
      return true;
    }
    try {
      require_comparable(ranked(runs[best]), ranked(runs[run]));
      return false;
    } catch (const Error& error) {
      faults.emplace_back(error.what());
      return true;
    }
  });
  if (compared.empty()) return "";
  return (compared.size() == 1 ? pair_html(runs, best, compared.front())
                               : many_html(runs, best, compared, id)) +
         left_out;
}

}  // namespace cce
