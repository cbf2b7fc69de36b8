#include "tools/report/paper.h"

#include <fmt/format.h>

#include "tools/counted.h"
#include "tools/markup.h"
#include "tools/report/html.h"
#include "tools/table2.h"

namespace cce {
namespace {

constexpr std::array kColumns = {Metric::hr5,   Metric::hr10,   Metric::hr20,
                                 Metric::ndcg5, Metric::ndcg10, Metric::ndcg20};

std::vector<CellRuns> cells_with_runs(std::span<const ReportedRun> runs) {
  std::vector<CellRuns> cells;
  for (const Cell& cell : table2_cells()) {
    CellRuns of_cell{cell, {}};
    for (const ReportedRun& run : runs) {
      if (!run.result || run.model != cell.model || run.loss != cell.loss || run.data != cell.data) continue;
      of_cell.runs.push_back(*run.result);
    }
    if (!of_cell.runs.empty()) cells.push_back(std::move(of_cell));
  }
  return cells;
}

/// Ours, with the paper's number and the verdict below.
HtmlCell cell_of(const CellRuns& cell, Metric metric) {
  const Comparison comparison = compare_with_paper(cell, metric);
  const char* const sign = comparison.verdict == Verdict::above        ? "▲"
                           : comparison.verdict == Verdict::reproduced ? "="
                                                                       : "▼";
  const std::string spread = comparison.spread > 0 ? " ± " + metric_text(comparison.spread) : "";
  const std::string authors =
      comparison.authors ? fmt::format(", authors&#39; log {}", metric_text(*comparison.authors)) : "";
  return {fmt::format("{}{} <span title=\"{}\">{}</span><br/><small>paper {}{}, {:+.1f} %</small>",
                      metric_text(comparison.mean), spread, name(comparison.verdict), sign,
                      metric_text(comparison.paper), authors, 100 * (comparison.mean / comparison.paper - 1)),
          name(comparison.verdict)};
}

std::string improvements_html(const std::vector<CellRuns>& cells) {
  std::string items;
  for (const char* const model : {"gru4rec", "sasrec", "s3rec"}) {
    for (const Metric metric : {Metric::ndcg5, Metric::ndcg10}) {
      const Improvement gain = improvement(cells, model, metric);
      if (gain.data_sets == 0) continue;
      items += fmt::format(
          "<li>{} with CCE: {} {:+.1f} % over the better of BCE and CE (the paper, on the same {}: "
          "{:+.1f} %)</li>\n",
          model, kMetricNames[static_cast<size_t>(metric)], 100 * gain.ours,
          counted(gain.data_sets, "data set"), 100 * gain.paper);
    }
  }
  return items.empty() ? "" : "<ul>\n" + items + "</ul>\n";
}

}  // namespace

std::string paper_html(std::span<const ReportedRun> runs) {
  const std::vector<CellRuns> cells = cells_with_runs(runs);
  if (cells.empty()) return "";
  HtmlTable table{.caption = "Test metrics beside the paper's Table 2",
                  .header = {"model, loss, data", "runs"},
                  .rows = {},
                  .style_class = "numbers"};
  for (const Metric metric : kColumns) table.header.emplace_back(kMetricNames[static_cast<size_t>(metric)]);
  for (const CellRuns& cell : cells) {
    auto& row = table.rows.emplace_back();
    row = {{escaped_markup(fmt::format("{} {} {}", cell.cell.model, cell.cell.loss, cell.cell.data))},
           {count_text(static_cast<int64_t>(cell.runs.size()))}};
    for (const Metric metric : kColumns) row.push_back(cell_of(cell, metric));
  }
  return "<p>▲ at or above the paper, = reproduced (at least 0.97 of the smaller of the paper and the "
         "authors&#39; "
         "log), ▼ below. Runs count whose model, loss and data are the cell&#39;s, whatever else they were "
         "trained "
         "with.</p>\n" +
         improvements_html(cells) + html_table(table);
}

}  // namespace cce
