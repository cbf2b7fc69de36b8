// The paper's Table 2: which trainings it takes, and how what they gave compares with what the paper says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tools/paper_numbers.h"
#include "tools/run_records.h"

namespace cce {

/// The folder of a cell's run within the folder of the table: <model>-<loss>-<data>-<seed>.
std::string run_name(const Cell& cell, uint64_t seed);
/// What to call this program with for a cell: the protocol of the authors' code. GRU4Rec reads its padding,
/// and training goes on for up to 200 epochs while validation NDCG@20 gains within 10.
std::vector<std::string> training_arguments(const Cell& cell, uint64_t seed,
                                            const std::filesystem::path& table_folder);
/// S3-Rec's pre-training, which its three losses share: the folder and the arguments.
std::string pretraining_name(const std::string& data, uint64_t seed);
std::vector<std::string> pretraining_arguments(const std::string& data, uint64_t seed,
                                               const std::filesystem::path& table_folder);

/// A cell and its finished runs, one per seed; none where nothing has run.
struct CellRuns {
  Cell cell;
  std::vector<RunResult> runs;
};
/// Reads the finished runs of a cell. Throws if a folder holds another run than its name says.
CellRuns read_runs(const Cell& cell, const std::vector<uint64_t>& seeds,
                   const std::filesystem::path& table_folder);

/// How a measured number compares with the paper's.
enum class Verdict {
  above,       ///< at least the paper's
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
Improvement improvement(const std::vector<CellRuns>& cells, const std::string& model, Metric metric);

/// For a terminal: a line per cell, with a mark per metric.
std::string table2_text(const std::vector<CellRuns>& cells);
/// For a file: improvements, a short table, and all numbers.
std::string table2_markdown(const std::vector<CellRuns>& cells);

}  // namespace cce
