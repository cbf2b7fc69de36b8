// The section of a report that sets runs beside the numbers of the paper's Table 2.
#pragma once

#include <span>
#include <string>

#include "tools/report/run.h"

namespace cce {

/// A row for each cell of Table 2 that finished runs have the model, the loss and the data of; their other
/// options may differ from the paper's. "" where there is none.
std::string paper_html(std::span<const ReportedRun> runs);

}  // namespace cce
