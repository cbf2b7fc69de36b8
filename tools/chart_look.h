// How the series of a chart are told apart: each by a colour, a dash pattern and a marker, so that no one
// needs the colours alone.
#pragma once

#include <cstddef>
#include <string>

namespace cce {

enum class Marker { circle, square, triangle, diamond, triangle_down, cross, plus };

struct ChartLook {
  size_t colour;       ///< in the palette: the class "c0", "c1", ... of what is drawn
  const char* light;   ///< the colour on a light ground
  const char* dark;    ///< and on a dark one
  const char* dashes;  ///< as stroke-dasharray has them; "" for none
  Marker marker;
};
inline constexpr size_t kPaletteSize = 8;

/// The look of a series. Two of the first 280 differ, and two of the first 8 in their colours.
ChartLook chart_look(size_t number);

/// The path data of a marker around a point.
std::string marker_path(Marker marker, double x, double y);
/// A star, for what is best.
std::string star_path(double x, double y);

/// CSS variables for what charts on a page are drawn with ("--c0:#0072b2;...").
std::string chart_colours(bool dark);
/// CSS that makes charts use them; without it they are drawn on white, as in a file.
const char* chart_style();

}  // namespace cce
