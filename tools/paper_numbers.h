// What the paper's Table 2 says, and what its authors' own runs logged: test metrics to four digits.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/error.h"
#include "tools/run_records.h"

namespace cce {

/// One of the 45 trainings behind Table 2.
struct Cell {
  std::string data, model, loss;
  bool operator==(const Cell&) const = default;
};

/// The table's columns.
inline constexpr std::array kPaperMetrics = {Metric::hr5,   Metric::hr10,   Metric::hr20,
                                             Metric::ndcg5, Metric::ndcg10, Metric::ndcg20};

/// In the table's order: by data set, model and loss.
const std::vector<Cell>& table2_cells();

/// The table has no MRR: here and below it is 0.
Metrics paper_metrics(const Cell& cell);
/// What the log of the authors' run says; they published none for 15 of the cells.
std::optional<Metrics> authors_metrics(const Cell& cell);

}  // namespace cce
