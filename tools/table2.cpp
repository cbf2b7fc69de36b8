#include "tools/table2.h"

#include <algorithm>
#include <cmath>

namespace cce {
namespace {

constexpr double kReproduced = 0.97;

double mean_of(const std::vector<RunResult>& runs, Metric metric) {
  double sum = 0;
  for (const RunResult& run : runs) sum += run.test[metric];
  return sum / static_cast<double>(runs.size());
}

const CellRuns* find(const std::vector<CellRuns>& cells, const Cell& wanted) {
  const auto found = std::ranges::find_if(cells, [&](const CellRuns& cell) {
    return cell.cell.data == wanted.data && cell.cell.model == wanted.model &&
           cell.cell.loss == wanted.loss && !cell.runs.empty();
  });
  return found == cells.end() ? nullptr : &*found;
}

}  // namespace

const char* name(Verdict verdict) {
  switch (verdict) {
    case Verdict::above:
      return "above";
    case Verdict::reproduced:
      return "reproduced";
    case Verdict::below:
      return "below";
    default:
      return "not run";
  }
}

Comparison compare_with_paper(const CellRuns& cell, Metric metric) {
  Comparison comparison;
  comparison.paper = paper_metrics(cell.cell)[metric];
  if (const auto authors = authors_metrics(cell.cell)) comparison.authors = (*authors)[metric];
  if (cell.runs.empty()) return comparison;
  comparison.mean = mean_of(cell.runs, metric);
  double squares = 0;
  for (const RunResult& run : cell.runs) {
    squares += (run.test[metric] - comparison.mean) * (run.test[metric] - comparison.mean);
  }
  if (cell.runs.size() > 1)
    comparison.spread = std::sqrt(squares / static_cast<double>(cell.runs.size() - 1));
  // The paper has four digits: more of ours would not make it larger or smaller than that.
  const double rounded = std::round(comparison.mean * 1e4) / 1e4, epsilon = 1e-9;
  const double bar = kReproduced * std::min(comparison.paper, comparison.authors.value_or(comparison.paper));
  comparison.verdict = rounded + epsilon >= comparison.paper ? Verdict::above
                       : rounded + epsilon >= bar            ? Verdict::reproduced
                                                             : Verdict::below;
  return comparison;
}

Improvement improvement(const std::vector<CellRuns>& cells, const std::string& model, Metric metric) {
  Improvement result;
  for (const CellRuns& cce : cells) {
    if (cce.cell.model != model || cce.cell.loss != "cce" || cce.runs.empty()) continue;
    const Cell bce_cell{cce.cell.data, model, "bce"}, ce_cell{cce.cell.data, model, "ce"};
    const CellRuns *const bce = find(cells, bce_cell), *const ce = find(cells, ce_cell);
    if (bce == nullptr || ce == nullptr) continue;
    const auto gain = [](double of, double over_1, double over_2) {
      return of / std::max(over_1, over_2) - 1;
    };
    result.ours += gain(mean_of(cce.runs, metric), mean_of(bce->runs, metric), mean_of(ce->runs, metric));
    result.paper += gain(paper_metrics(cce.cell)[metric], paper_metrics(bce_cell)[metric],
                         paper_metrics(ce_cell)[metric]);
    ++result.data_sets;
  }
  if (result.data_sets > 0) result.ours /= result.data_sets, result.paper /= result.data_sets;
  return result;
}

}  // namespace cce
