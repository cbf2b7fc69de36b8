// The section of a report about the places that the test items got.
#pragma once

#include <span>
#include <string>

#include "tools/report/data_group.h"

namespace cce {

/// How the ranks of the group's test items are distributed, as charts and as a table. "" where no run has
/// ranks.
std::string ranks_html(std::span<const ReportedRun> runs, const DataGroup& group, const std::string& id);

}  // namespace cce
