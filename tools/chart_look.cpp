#include "tools/chart_look.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <numbers>

namespace cce {
namespace {

struct Colour {
  const char *light, *dark;
};
/// The first two are Okabe and Ito's. The others were searched for: each stands out from its ground by 3 to 1
/// at least, and no two come close for eyes without red or without green receptors, since they differ in
/// lightness.
constexpr std::array<Colour, kPaletteSize> kPalette = {{
    {"#0072b2", "#56b4e9"},  // blue
    {"#d55e00", "#ff8f4a"},  // vermilion
    {"#0a9d8f", "#1fb597"},  // teal
    {"#7a1069", "#b060a0"},  // plum
    {"#5c4500", "#f7ea5a"},  // brown, yellow
    {"#15153d", "#a06bff"},  // midnight, violet
    {"#4646e0", "#f5f1dc"},  // indigo, cream
    {"#d6246a", "#ff4d73"},  // crimson
}};
constexpr std::array kDashes = {"", "7 3", "2 3", "9 3 2 3", "12 4"};
constexpr size_t kMarkers = 7;

constexpr double kRadius = 3.2, kStarRadius = 7.5;

/// A closed line through points of a circle, the first straight above the middle; every second one is nearer.
std::string polygon(double x, double y, int corners, double radius, double inner, double turn) {
  std::string path;
  for (int i = 0; i < corners; ++i) {
    const double angle = 2 * std::numbers::pi * (i / static_cast<double>(corners) + turn);
    const double r = i % 2 == 0 ? radius : inner;
    path +=
        fmt::format("{}{:.1f} {:.1f}", i == 0 ? 'M' : 'L', x + r * std::sin(angle), y - r * std::cos(angle));
  }
  return path + "Z";
}

}  // namespace

ChartLook chart_look(size_t number) {
  const size_t colour = number % kPaletteSize;
  return {colour, kPalette[colour].light, kPalette[colour].dark, kDashes[number % kDashes.size()],
          static_cast<Marker>(number % kMarkers)};
}

std::string marker_path(Marker marker, double x, double y) {
  const double r = kRadius;
  switch (marker) {
    case Marker::circle:
      return fmt::format("M{:.1f} {:.1f}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0Z", x - r, y,
                         fmt::arg("r", r), fmt::arg("d", 2 * r));
    case Marker::square:
      return fmt::format("M{:.1f} {:.1f}h6v6h-6Z", x - 3, y - 3);
    case Marker::triangle:
      return polygon(x, y, 3, r + 1, r + 1, 0);
    case Marker::diamond:
      return polygon(x, y, 4, r + 1, r + 1, 0);
    case Marker::triangle_down:
      return polygon(x, y, 3, r + 1, r + 1, 0.5);
    case Marker::cross:
      return fmt::format("M{:.1f} {:.1f}l6 6m0 -6l-6 6", x - 3, y - 3);
    case Marker::plus:
      return fmt::format("M{:.1f} {:.1f}h8m-4 -4v8", x - 4, y);
  }
  return "";
}

std::string star_path(double x, double y) {
  return polygon(x, y, 10, kStarRadius, kStarRadius * 0.45, 0);
}

std::string chart_colours(bool dark) {
  std::string variables = dark ? "--ink:#f0f1f3;--faint:#b3b8c0;--grid:#363b44;--ground:#191c21;"
                               : "--ink:#16181d;--faint:#565c66;--grid:#e1e4e8;--ground:#ffffff;";
  for (size_t i = 0; i < kPaletteSize; ++i) {
    variables += fmt::format("--c{}:{};", i, dark ? kPalette[i].dark : kPalette[i].light);
  }
  return variables;
}

const char* chart_style() {
  static const std::string style = [] {
    std::string css =
        ".chart text{fill:var(--faint)}.chart .words{fill:var(--ink)}.chart .grid{stroke:var(--grid)}"
        ".chart .axis{stroke:var(--faint)}.chart .best,.chart .hatch{stroke:var(--ground)}";
    for (size_t i = 0; i < kPaletteSize; ++i) {
      css += fmt::format(".chart .c{0}{{stroke:var(--c{0});color:var(--c{0})}}", i);
    }
    return css;
  }();
  return style.c_str();
}

}  // namespace cce
