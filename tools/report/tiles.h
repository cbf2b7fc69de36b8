// What is to be known about runs at a glance: a few large numbers at the head of a report.
#pragma once

#include <span>
#include <string>

#include "tools/report/data_group.h"

namespace cce {

/// Of a single run what it reached and what it took, of several the best on each data. "" where there is
/// nothing yet.
std::string tiles_html(std::span<const ReportedRun> runs, std::span<const DataGroup> groups);

}  // namespace cce
