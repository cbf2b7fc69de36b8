// Line charts as SVG: a picture that any browser shows, without a library.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace cce {

struct LineSeries {
  std::string name;
  std::vector<std::pair<double, double>> points;  ///< (x, y), x ascending
  bool dashed = false;
};

struct Axis {
  std::string label;
  std::vector<double> ticks;  ///< ascending, at least two; the first and the last are the axis' ends
  bool logarithmic = false;
};

struct LineChart {
  std::string title;
  Axis x, y;
  std::vector<LineSeries> series;
};

/// The charts side by side under one legend, which names the series of the first; the others are to have the
/// same. Points outside of an axis are drawn at its end.
std::string to_svg(const std::string& title, std::span<const LineChart> charts);

}  // namespace cce
