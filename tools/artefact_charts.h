// How runs stand in the charts of an artefact: one chart for each model and data set, one line for each loss
// and seed, which looks the same in all of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/artefact.h"
#include "tools/svg_chart.h"

namespace cce {

/// "gru4rec on toys": the chart in which a run stands.
std::string chart_title(const PlannedRun& run);
/// "cce", or "cce, seed 1" where the artefact has several seeds.
std::string series_name(const PlannedRun& run, const ArtefactPlan& plan);

/// The charts of the plan's runs that have points, as a file; "" where none has.
std::string charts_file(const std::string& title, const ArtefactPlan& plan, const ChartAxis& x,
                        const ChartAxis& y, const std::function<ChartSeries(size_t run)>& series_of);

}  // namespace cce
