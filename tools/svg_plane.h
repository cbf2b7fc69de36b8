// The plane of a chart: where a value stands on it in pixels, and its axes. A part of svg_chart.cpp.
#pragma once

#include <string>

#include "tools/chart_scale.h"
#include "tools/svg_chart.h"

namespace cce {

class SvgPlane {
 public:
  /// Axes that hold all series of the chart, in a drawing of this size with room for what is written beside
  /// them. `top`: the room above. Refers to the chart.
  SvgPlane(const Chart& chart, ChartSize size, double top);

  double x(double value) const { return left_ + width_ * x_.share(value); }
  double y(double value) const { return top_ + height_ * (1 - y_.share(value)); }
  /// How wide one step of x is.
  double x_step() const { return x(x_.begin() + 1) - x(x_.begin()); }
  /// Where bars stand.
  double base() const { return y(y_.logarithmic() ? y_.begin() : 0); }
  bool can_be_shown(const ChartPoint& point) const;

  /// Grid, ticks and titles of the axes.
  std::string axes() const;
  /// The attributes that tell a script where the axes are.
  std::string data_attributes() const;

 private:
  std::string lines() const;
  std::string x_ticks() const;
  std::string y_ticks() const;

  const Chart& chart_;
  ChartScale x_, y_;
  double left_, top_, width_, height_;
};

/// A <text> element; `attributes` as markup.
std::string svg_text(double x, double y, const std::string& attributes, const std::string& words);

}  // namespace cce
