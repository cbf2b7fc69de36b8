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

/// A model on a data set with all three losses.
struct Losses {
  const CellRuns *bce, *ce, *cce;

  /// CCE over the better of the others, less one; number_of says what of a cell is compared.
  template <class NumberOf>
  double gain(NumberOf number_of) const {
    return number_of(*cce) / std::max(number_of(*bce), number_of(*ce)) - 1;
  }
};

std::vector<Losses> with_all_losses(const std::vector<CellRuns>& cells) {
  std::vector<Losses> complete;
  for (const CellRuns& cell : cells) {
    if (cell.cell.loss != "cce" || cell.runs.empty()) continue;
    const auto with = [&](const char* loss) {
      return find(cells, Cell{cell.cell.data, cell.cell.model, loss});
    };
    const Losses losses{with("bce"), with("ce"), &cell};
    if (losses.bce != nullptr && losses.ce != nullptr) complete.push_back(losses);
  }
  return complete;
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
  // The paper's have four digits: more of ours would not make it larger or smaller than those.
  const double rounded = std::round(comparison.mean * 1e4) / 1e4, epsilon = 1e-9;
  const double bar = kReproduced * std::min(comparison.paper, comparison.authors.value_or(comparison.paper));
  comparison.verdict = rounded + epsilon >= comparison.paper ? Verdict::above
                       : comparison.mean >= bar              ? Verdict::reproduced
                                                             : Verdict::below;
  return comparison;
}

Improvement improvement(const std::vector<CellRuns>& cells, const std::string& model, Metric metric,
                        const std::string& data) {
  Improvement result;
  for (const Losses& losses : with_all_losses(cells)) {
    if (losses.cce->cell.model != model || (!data.empty() && losses.cce->cell.data != data)) continue;
    result.ours += losses.gain([&](const CellRuns& cell) { return mean_of(cell.runs, metric); });
    result.paper += losses.gain([&](const CellRuns& cell) { return paper_metrics(cell.cell)[metric]; });
    ++result.data_sets;
  }
  if (result.data_sets > 0) result.ours /= result.data_sets, result.paper /= result.data_sets;
  return result;
}

Ordering ordering(const std::vector<CellRuns>& cells) {
  Ordering result;
  for (const Losses& losses : with_all_losses(cells)) {
    for (const Metric metric : kPaperMetrics) {
      ++result.numbers;
      result.ours += losses.gain([&](const CellRuns& cell) { return mean_of(cell.runs, metric); }) > 0;
      result.paper += losses.gain([&](const CellRuns& cell) { return paper_metrics(cell.cell)[metric]; }) > 0;
    }
  }
  return result;
}

}  // namespace cce
