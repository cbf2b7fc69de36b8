// The tables of a report about its runs: what they are, their metrics, their options and their epochs.
#pragma once

#include <span>
#include <string>

#include "tools/report/data_group.h"

namespace cce {

/// A run's name behind the sample of its line.
std::string run_label(std::span<const ReportedRun> runs, size_t run);

/// Model, loss, epochs, times and memory of each run.
std::string overview_html(std::span<const ReportedRun> runs);

/// Test and validation metrics of the group's trainings, the best of each column marked where there are
/// several.
std::string metrics_html(std::span<const ReportedRun> runs, const DataGroup& group);

/// Where the runs' options differ, and those that they share.
std::string options_html(std::span<const ReportedRun> runs);

/// Every epoch of every run, behind a line that opens it.
std::string epochs_html(std::span<const ReportedRun> runs);

}  // namespace cce
