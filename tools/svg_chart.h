// Charts as SVG, which any browser shows without a library: lines, steps, points and bars, with error bars
// and marked best points, on linear, logarithmic or named axes.
//
// A chart comes as a file of its own (svg_file) or as an element of an HTML page (svg_element). The file says
// all colours itself, on white. On a page, chart_style() and chart_colours() of chart_look.h make it follow
// the page's theme, and the element carries its numbers in data attributes for a script to show:
//   svg      data-plane="left top width height", data-x and data-y="begin end linear|log", data-x-title, and
//            data-names, with line feeds between them, where the x axis has names
//   series   g.series, data-series: its look; data-name; data-x (left out where it is 1 2 3 ...), data-y
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cce {

struct ChartPoint {
  double x = 0, y = 0;
  /// The ends of an error bar.
  struct Range {
    double low, high;
  };
  std::optional<Range> range = std::nullopt;
};

enum class SeriesKind {
  line,    ///< with markers: at every point where there are few, else here and there
  steps,   ///< a value holds until the next point
  points,  ///< markers alone
  bars,    ///< from the axis up; the bars of several series stand beside each other
};

struct ChartSeries {
  std::string name;
  /// x ascending, but for `points`. Those that cannot be shown (not finite, or not above 0 on a logarithmic
  /// axis) are left out.
  std::vector<ChartPoint> points;
  SeriesKind kind = SeriesKind::line;
  /// The index of a point to be marked with a star.
  std::optional<size_t> best = std::nullopt;
  /// Which colour, dashes and marker (see chart_look()); nothing: its place in the chart.
  std::optional<size_t> look = std::nullopt;
};

struct ChartAxis {
  std::string title;
  bool logarithmic = false;
  bool whole = false;  ///< ticks at whole numbers only, such as epochs
  /// Values that are to be on the axis, whatever the series have.
  std::vector<double> include = {};
  /// Names for x = 0, 1, 2, ... instead of numbers.
  std::vector<std::string> names = {};
};

struct Chart {
  std::string title;
  ChartAxis x, y;
  std::vector<ChartSeries> series;
  /// What it shows, for those who do not see it; empty: each series in a few words.
  std::string description = "";
};

/// In pixels. Text has a fixed size, so a chart is to be shown at about this width.
struct ChartSize {
  double width = 400, height = 270;
};

/// An <svg> element for a page, without the chart's title and a legend, which are the page's to give. `id`
/// begins the ids within and must be no other chart's on the page.
std::string svg_element(const Chart& chart, const std::string& id, ChartSize size = {});

/// The sample of a line, for a legend: an <svg> element.
std::string svg_sample(size_t look);

/// A file: the charts in rows of `columns` under a title and one legend, which names each look once.
std::string svg_file(const std::string& title, std::span<const Chart> charts, size_t columns = 2,
                     ChartSize size = {.width = 480, .height = 340});

/// The description of a chart where it gives none.
std::string chart_in_words(const Chart& chart);

}  // namespace cce
