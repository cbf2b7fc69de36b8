#include "tools/report/paper.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tools/counted.h"
#include "tools/markup.h"
#include "tools/options.h"
#include "tools/report/html.h"
#include "tools/table2.h"

namespace cce {
namespace {

/// A cell's runs that were trained alike but for the seed.
struct AlikeRuns {
  CellRuns cell;
  std::map<std::string, std::string> options;  // those that decide what comes out; empty: not known
  std::string differing;                       // "--negatives 100": what tells them from others of the cell
};

/// The options of a run that decide what comes out, but for the seed.
std::map<std::string, std::string> deciding_options(const ReportedRun& run) {
  static const std::map<std::string, std::string> names = [] {
    std::map<std::string, std::string> all = result_options(TrainOptions{});
    all.merge(defaults_of_later_options());
    return all;
  }();
  std::map<std::string, std::string> options;
  for (const auto& [option, value] : run.options) {
    if (option != "seed" && names.contains(option)) options[option] = value;
  }
  return options;
}

/// In which options these runs differ from any of the cell's others.
std::string differing_options(const AlikeRuns& runs, std::span<const AlikeRuns> of_cell) {
  if (runs.options.empty() && of_cell.size() > 1) return " (options not known)";
  std::string text;
  for (const auto& [option, value] : runs.options) {
    const bool differs = std::ranges::any_of(of_cell, [&](const AlikeRuns& other) {
      const auto entry = other.options.find(option);
      return entry == other.options.end() ? !other.options.empty() : entry->second != value;
    });
    if (differs) text += fmt::format(" --{} {}", option, value);
  }
  return text;
}

/// For each cell that has runs, those that were trained alike.
std::vector<std::vector<AlikeRuns>> cells_with_runs(std::span<const ReportedRun> runs) {
  std::vector<std::vector<AlikeRuns>> cells;
  for (const Cell& cell : table2_cells()) {
    std::vector<AlikeRuns> of_cell;
    for (const ReportedRun& run : runs) {
      if (!run.result || run.model != cell.model || run.loss != cell.loss || run.data != cell.data) continue;
      const auto options = deciding_options(run);
      auto alike = options.empty() ? of_cell.end()  // not known: like no other
                                   : std::ranges::find(of_cell, options, &AlikeRuns::options);
      if (alike == of_cell.end()) alike = of_cell.insert(of_cell.end(), {{.cell = cell}, options, ""});
      alike->cell.runs.push_back(*run.result);
    }
    for (AlikeRuns& alike : of_cell) alike.differing = differing_options(alike, of_cell);
    if (!of_cell.empty()) cells.push_back(std::move(of_cell));
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
          model, name(metric), 100 * gain.ours, counted(gain.data_sets, "data set"), 100 * gain.paper);
    }
  }
  return items.empty() ? "" : "<ul>\n" + items + "</ul>\n";
}

}  // namespace

std::string paper_html(std::span<const ReportedRun> runs) {
  const std::vector<std::vector<AlikeRuns>> cells = cells_with_runs(runs);
  if (cells.empty()) return "";
  HtmlTable table{.caption = "Test metrics beside the paper's Table 2",
                  .header = {"model, loss, data", "runs"},
                  .rows = {},
                  .style_class = "numbers"};
  for (const Metric metric : kPaperMetrics) table.header.emplace_back(name(metric));
  std::vector<CellRuns> unambiguous;
  for (const std::vector<AlikeRuns>& of_cell : cells) {
    if (of_cell.size() == 1) unambiguous.push_back(of_cell.front().cell);
    for (const auto& [cell, options, differing] : of_cell) {
      auto& row = table.rows.emplace_back();
      row = {{escaped_markup(
                 fmt::format("{} {} {}{}", cell.cell.model, cell.cell.loss, cell.cell.data, differing))},
             {count_text(static_cast<int64_t>(cell.runs.size()))}};
      for (const Metric metric : kPaperMetrics) row.push_back(cell_of(cell, metric));
    }
  }
  return "<p>▲ at or above the paper, = reproduced (at least 0.97 of the smaller of the paper and the "
         "authors&#39; log), ▼ below. Each row is of runs that differ in the seed alone. They count whose "
         "model, loss and data are the cell&#39;s, whatever else they were trained with.</p>\n" +
         improvements_html(unambiguous) + html_table(table);
}

}  // namespace cce
