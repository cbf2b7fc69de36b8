// The section of a report with what happened epoch by epoch.
#pragma once

#include <span>
#include <string>

#include "tools/report/data_group.h"

namespace cce {

/// Charts over epochs and over time of the runs of a group, by their looks: that of a run is its place among
/// all runs. `id` begins the ids of the charts. "" where no run has trained an epoch.
std::string curves_html(std::span<const ReportedRun> runs, const DataGroup& group, const std::string& id);

/// What chooses between the cut-offs 5, 10 and 20 in such charts.
std::string cutoff_choice_html();

}  // namespace cce
