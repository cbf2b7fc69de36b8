#include "tools/svg_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/chart_look.h"
#include "tools/markup.h"

namespace cce {
namespace {

/// A line with more points has markers only here and there.
constexpr size_t kFewPoints = 12, kMarkersOfMany = 8;
/// The share of a name's room on the axis that its bars fill.
constexpr double kBarShare = 0.78;

/// The series without the points that cannot be shown.
ChartSeries shown_part(const ChartSeries& series, const SvgPlane& plane) {
  ChartSeries shown{series.name, {}, series.kind, std::nullopt, series.look};
  for (size_t i = 0; i < series.points.size(); ++i) {
    if (!plane.can_be_shown(series.points[i])) continue;
    if (series.best == i) shown.best = shown.points.size();
    shown.points.push_back(series.points[i]);
  }
  return shown;
}

std::string data_number(double value) {
  return fmt::format("{:.{}g}", value, value == std::floor(value) ? 12 : 4);
}

std::string data_attributes(const ChartSeries& series, size_t look) {
  std::string xs, ys;
  bool counts = true;  // x is 1, 2, 3, ...
  for (size_t i = 0; i < series.points.size(); ++i) {
    const char* const blank = i == 0 ? "" : " ";
    xs += blank + data_number(series.points[i].x), ys += blank + data_number(series.points[i].y);
    counts = counts && series.points[i].x == static_cast<double>(i + 1);
  }
  return fmt::format(" data-series=\"{}\" data-name=\"{}\"{} data-y=\"{}\"", look,
                     escaped_markup(series.name), counts ? "" : fmt::format(" data-x=\"{}\"", xs), ys);
}

/// A number of tenths of a pixel in as few characters as it takes: "-.3", "12".
std::string tenths_text(long tenths) {
  std::string text = tenths < 0 ? "-" : "";
  const long size = std::abs(tenths);
  if (size >= 10 || size == 0) text += fmt::format("{}", size / 10);
  return size % 10 == 0 ? text : text + fmt::format(".{}", size % 10);
}

/// A path from point to point by the steps between them, which are shorter to write than places are. Steps go
/// between rounded places, so that no error adds up.
std::string line(const ChartSeries& series, const char* dashes, const SvgPlane& plane) {
  std::string path;
  long x = 0, y = 0;  // in tenths of a pixel
  for (const ChartPoint& point : series.points) {
    const long next_x = std::lround(10 * plane.x(point.x)), next_y = std::lround(10 * plane.y(point.y));
    const std::string right = tenths_text(next_x - x), down = tenths_text(next_y - y);
    if (path.empty()) {
      path = fmt::format("M{} {}", right, down);
    } else {
      path += series.kind == SeriesKind::steps ? fmt::format("h{}v{}", right, down)
                                               : fmt::format("l{} {}", right, down);
    }
    x = next_x, y = next_y;
  }
  const std::string dash = *dashes == 0 ? "" : fmt::format(" stroke-dasharray=\"{}\"", dashes);
  return fmt::format("<path fill=\"none\" stroke-width=\"2\" stroke-linejoin=\"round\"{} d=\"{}\"/>", dash,
                     path);
}

std::string markers(const ChartSeries& series, size_t look, const SvgPlane& plane) {
  const size_t count = series.points.size();
  const bool few = count <= kFewPoints || series.kind == SeriesKind::points;
  const size_t every = few ? 1 : (count + kMarkersOfMany - 1) / kMarkersOfMany;
  std::string path;
  for (size_t i = look * 3 % every; i < count; i += every) {  // not at the same places in all lines
    path += marker_path(chart_look(look).marker, plane.x(series.points[i].x), plane.y(series.points[i].y));
  }
  return fmt::format("<path fill=\"currentColor\" stroke-width=\"1.5\" d=\"{}\"/>", path);
}

/// An error bar at x, with ends of some pixels to both sides.
std::string error_bar(const ChartPoint& point, double x, const SvgPlane& plane) {
  if (!point.range) return "";
  return fmt::format("M{0:.1f} {1:.1f}h8m-4 0V{2:.1f}m-4 0h8", x - 4, plane.y(point.range->high),
                     plane.y(point.range->low));
}

std::string error_bars(const ChartSeries& series, const SvgPlane& plane) {
  std::string path;
  for (const ChartPoint& point : series.points) path += error_bar(point, plane.x(point.x), plane);
  return path.empty() ? "" : fmt::format("<path fill=\"none\" stroke-width=\"1.3\" d=\"{}\"/>", path);
}

std::string star(const ChartSeries& series, const SvgPlane& plane) {
  if (!series.best) return "";
  const ChartPoint& best = series.points[*series.best];
  return fmt::format("<path class=\"best\" fill=\"currentColor\" stroke=\"#ffffff\" d=\"{}\"/>",
                     star_path(plane.x(best.x), plane.y(best.y)));
}

/// Lines across the bars of every second series, and crosses in those of every third, beside their colours.
std::string hatch(double left, double width, double top, double base, size_t pattern) {
  std::string path;
  for (double at = base - 4; pattern != 0 && at > top + 1; at -= pattern == 1 ? 5 : 8) {
    path += fmt::format("M{:.1f} {:.1f}h{:.1f}", left, at, width);
    if (pattern == 2) path += fmt::format("m{:.1f} 0v-4", -width / 2);
  }
  return path;
}

/// The bars of a series, which stand beside those of the `count` series with bars at the place `place`.
std::string bars(const ChartSeries& series, size_t place, size_t count, const SvgPlane& plane) {
  const double room = plane.x_step() * kBarShare, each = room / static_cast<double>(count);
  const double width = std::max(1.0, each - (each > 4 ? 1.5 : 0));
  std::string path, lines, errors;
  for (const ChartPoint& point : series.points) {
    const double left = plane.x(point.x) - room / 2 + each * static_cast<double>(place),
                 top = plane.y(point.y);
    path += fmt::format("M{:.1f} {:.1f}h{:.1f}V{:.1f}h{:.1f}Z", left, plane.base(), width, top, -width);
    lines += hatch(left, width, top, plane.base(), place % 3);
    errors += error_bar(point, left + width / 2, plane);
  }
  std::string out = fmt::format("<path fill=\"currentColor\" stroke=\"none\" d=\"{}\"/>", path);
  if (!lines.empty()) out += fmt::format("<path class=\"hatch\" stroke=\"#ffffff\" d=\"{}\"/>", lines);
  if (!errors.empty()) {
    out += fmt::format("<path class=\"axis\" stroke=\"#565c66\" fill=\"none\" d=\"{}\"/>", errors);
  }
  return out;
}

}  // namespace

std::string svg_series(const Chart& chart, size_t number, const SvgPlane& plane, bool with_data) {
  const ChartSeries series = shown_part(chart.series[number], plane);
  const size_t look_number = series.look.value_or(number);
  const ChartLook look = chart_look(look_number);
  std::string drawing;
  if (series.kind == SeriesKind::bars) {
    const auto is_bars = [](const ChartSeries& other) { return other.kind == SeriesKind::bars; };
    const auto begin = chart.series.begin(), here = begin + static_cast<std::ptrdiff_t>(number);
    drawing = bars(series, static_cast<size_t>(std::count_if(begin, here, is_bars)),
                   static_cast<size_t>(std::ranges::count_if(chart.series, is_bars)), plane);
  } else {
    if (series.kind != SeriesKind::points) drawing = line(series, look.dashes, plane);
    drawing += error_bars(series, plane) + markers(series, look_number, plane);
  }
  return fmt::format("<g class=\"series c{}\" stroke=\"{}\" color=\"{}\"{}>{}{}</g>\n", look.colour,
                     look.light, look.light, with_data ? data_attributes(series, look_number) : "", drawing,
                     star(series, plane));
}

}  // namespace cce
