// One series of a chart as SVG. A part of svg_chart.cpp.
#pragma once

#include <string>

#include "tools/svg_plane.h"

namespace cce {

/// The chart's series of that number, drawn on its plane. `with_data`: with its numbers in attributes.
std::string svg_series(const Chart& chart, size_t number, const SvgPlane& plane, bool with_data);

}  // namespace cce
