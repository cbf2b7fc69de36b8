// Table 2: which runs its cells are.
#include <fmt/format.h>

#include "engine/error.h"
#include "tools/artefact.h"
#include "tools/artefact_choice.h"
#include "tools/table2.h"

namespace cce {
namespace {

std::string numbers_of(const std::vector<CellRuns>& table) {
  TextTable numbers{
      {"data", "model", "loss", "metric", "paper", "authors", "ours", "spread", "runs", "verdict"}, {}};
  for (const CellRuns& cell : table) {
    for (const Metric metric : kPaperMetrics) {
      const Comparison c = compare_with_paper(cell, metric);
      const bool ran = !cell.runs.empty();
      numbers.rows.push_back(
          {cell.cell.data, cell.cell.model, cell.cell.loss, name(metric), fmt::format("{:.4f}", c.paper),
           c.authors ? fmt::format("{:.4f}", *c.authors) : "", ran ? fmt::format("{:.6f}", c.mean) : "",
           cell.runs.size() > 1 ? fmt::format("{:.6f}", c.spread) : "", fmt::format("{}", cell.runs.size()),
           name(c.verdict)});
    }
  }
  return to_tsv(numbers);
}

}  // namespace

ArtefactPlan plan_table2(const ReproduceOptions& options) {
  ArtefactPlan plan{.runs = chosen_runs(options, {})};
  for (const PlannedRun& run : plan.runs) {
    if (run.cell.data == "demo") fail_usage("--data demo: the paper's Table 2 has no such data set");
  }
  return plan;
}

ArtefactPages table2_pages(const ArtefactPlan& plan, const std::filesystem::path& folder) {
  std::vector<CellRuns> table;
  for (const Cell& cell : table2_cells()) {
    CellRuns runs{.cell = cell};
    for (const PlannedRun& run : plan.runs) {
      if (run.cell != cell) continue;
      ++runs.planned;
      if (const auto result = read_result(run, folder)) runs.runs.push_back(*result);
    }
    if (runs.planned > 0) table.push_back(runs);
  }
  return {.text = table2_text(table), .markdown = table2_markdown(table), .tsv = numbers_of(table)};
}

}  // namespace cce
