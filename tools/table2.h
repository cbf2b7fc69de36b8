// The paper's Table 2: how what runs gave compares with what the paper says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/paper_numbers.h"
#include "tools/run_records.h"

namespace cce {

/// A cell and its finished runs, one per seed; none where nothing has run.
struct CellRuns {
  Cell cell;
  std::vector<RunResult> runs;
  int planned = 0;  ///< runs that there are to be; 0: those that there are
};

/// How a measured number compares with the paper's.
enum class Verdict {
  above,       ///< at least the paper's, when rounded to the four digits that the paper has
  reproduced,  ///< at least 0.97 of the smaller of the paper's and what the authors' run logged
  below,
  not_run,
};
const char* name(Verdict verdict);

/// One of the 270 numbers.
struct Comparison {
  double paper = 0;
  std::optional<double> authors;
  double mean = 0, spread = 0;  ///< of our runs; the spread is the standard deviation, 0 for a single run
  Verdict verdict = Verdict::not_run;
};
Comparison compare_with_paper(const CellRuns& cell, Metric metric);

/// By how much CCE beats the better of BCE and CE, for a model and a metric: the mean over the data sets for
/// which all three losses are there, as a share. Computed as the paper's "average improvement".
struct Improvement {
  double paper = 0, ours = 0;  ///< both over the same data sets
  int data_sets = 0;
};
/// Of one data set alone, if `data` names it: as the paper prints it beside each of its numbers.
Improvement improvement(const std::vector<CellRuns>& cells, const std::string& model, Metric metric,
                        const std::string& data = "");

/// In how many of the numbers CCE is above the better of BCE and CE, of those for which all three are there.
struct Ordering {
  int numbers = 0;
  int paper = 0, ours = 0;
};
Ordering ordering(const std::vector<CellRuns>& cells);

/// For a terminal: a line per cell, with a mark per metric.
std::string table2_text(const std::vector<CellRuns>& cells);
/// For a file: improvements, a short table, and all numbers.
std::string table2_markdown(const std::vector<CellRuns>& cells);

}  // namespace cce
