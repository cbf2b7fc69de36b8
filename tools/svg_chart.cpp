#include "tools/svg_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/utf8.h"
#include "tools/chart_look.h"
#include "tools/markup.h"
#include "tools/svg_plane.h"
#include "tools/svg_series.h"

namespace cce {
namespace {

// In pixels.
constexpr double kTopWithoutTitle = 10, kTopWithTitle = 34;
constexpr double kTitleHeight = 38, kLegendHeight = 22, kSampleWidth = 34, kCharacter = 7.3;
/// More series are not described one by one.
constexpr size_t kMostInWords = 8;

std::string all_series(const Chart& chart, const SvgPlane& plane, bool with_data) {
  std::string out;
  for (size_t i = 0; i < chart.series.size(); ++i) out += svg_series(chart, i, plane, with_data);
  return out;
}

/// The sample of a look with its left end at (x, y).
std::string sample(size_t number, double x, double y) {
  const ChartLook look = chart_look(number);
  return fmt::format(
      "<g class=\"c{}\" stroke=\"{}\" color=\"{}\"><path fill=\"none\" stroke-width=\"2\"{} "
      "d=\"M{:.1f} {:.1f}h{:.0f}\"/><path fill=\"currentColor\" stroke-width=\"1.5\" d=\"{}\"/></g>",
      look.colour, look.light, look.light,
      *look.dashes == 0 ? "" : fmt::format(" stroke-dasharray=\"{}\"", look.dashes), x, y, kSampleWidth - 6,
      marker_path(look.marker, x + kSampleWidth / 2 - 3, y));
}

struct Legend {
  std::string svg;
  double height = 0;
};
/// The names of all looks in the charts, in as many rows as they take.
Legend legend_of(std::span<const Chart> charts, double width, double top) {
  std::map<size_t, std::string> names;
  for (const Chart& chart : charts) {
    for (size_t i = 0; i < chart.series.size(); ++i) {
      names.try_emplace(chart.series[i].look.value_or(i), chart.series[i].name);
    }
  }
  Legend legend;
  double x = 20, y = top + 8;
  for (const auto& [look, name] : names) {
    const double takes = kSampleWidth + kCharacter * static_cast<double>(character_count(name)) + 18;
    if (x > 20 && x + takes > width) x = 20, y += kLegendHeight;
    legend.svg += sample(look, x, y) + svg_text(x + kSampleWidth, y + 4.5, "", name) + "\n";
    x += takes;
  }
  legend.height = names.empty() ? 0 : y - top + kLegendHeight / 2;
  return legend;
}

/// "loss: from 8.2 at 1 to 6.1 at 40, lowest 6 at 38, highest 8.2 at 1".
std::string series_in_words(const ChartSeries& series, const ChartAxis& x_axis) {
  const auto at = [&](const ChartPoint& point) {
    const auto index = static_cast<size_t>(point.x);
    const bool named = point.x >= 0 && index < x_axis.names.size();
    return fmt::format("{:.4g} at {}", point.y, named ? x_axis.names[index] : fmt::format("{:.4g}", point.x));
  };
  if (series.points.empty()) return fmt::format("{}: nothing. ", series.name);
  const auto [lowest, highest] = std::ranges::minmax_element(series.points, {}, &ChartPoint::y);
  std::string words =
      fmt::format("{}: from {} to {}, lowest {}, highest {}", series.name, at(series.points.front()),
                  at(series.points.back()), at(*lowest), at(*highest));
  if (series.best && *series.best < series.points.size())
    words += ", best " + at(series.points[*series.best]);
  return words + ". ";
}

std::string described(const Chart& chart, const std::string& id) {
  return fmt::format("<title id=\"{0}-title\">{1}</title><desc id=\"{0}-words\">{2}</desc>", id,
                     escaped_markup(chart.title),
                     escaped_markup(chart.description.empty() ? chart_in_words(chart) : chart.description));
}

/// A chart of a file, with its title, at (left, top).
std::string panel(const Chart& chart, ChartSize size, double left, double top) {
  const SvgPlane plane(chart, size, kTopWithTitle);
  return fmt::format("<g transform=\"translate({:.1f} {:.1f})\">\n{}{}{}</g>\n", left, top,
                     svg_text(size.width / 2, 20, "text-anchor=\"middle\" font-weight=\"bold\"", chart.title),
                     plane.axes(), all_series(chart, plane, false));
}

}  // namespace

std::string chart_in_words(const Chart& chart) {
  std::string words = fmt::format("{} by {}. ", chart.y.title, chart.x.title);
  for (size_t i = 0; i < std::min(chart.series.size(), kMostInWords); ++i) {
    words += series_in_words(chart.series[i], chart.x);
  }
  if (chart.series.size() > kMostInWords) {
    words += fmt::format("And {} more.", chart.series.size() - kMostInWords);
  }
  return words;
}

std::string svg_element(const Chart& chart, const std::string& id, ChartSize size) {
  const SvgPlane plane(chart, size, kTopWithoutTitle);
  return fmt::format(
             "<svg class=\"chart\" id=\"{0}\" viewBox=\"0 0 {1:.0f} {2:.0f}\" role=\"img\" "
             "aria-labelledby=\"{0}-title {0}-words\" font-size=\"13\" {3}>",
             id, size.width, size.height, plane.data_attributes()) +
         described(chart, id) + plane.axes() + all_series(chart, plane, true) + "</svg>\n";
}

std::string svg_sample(size_t look) {
  return fmt::format(
      "<svg class=\"chart sample\" width=\"{0:.0f}\" height=\"14\" aria-hidden=\"true\">{1}</svg>",
      kSampleWidth, sample(look, 3, 7));
}

std::string svg_file(const std::string& title, std::span<const Chart> charts, size_t columns,
                     ChartSize size) {
  columns = std::clamp<size_t>(columns, 1, std::max<size_t>(charts.size(), 1));
  const size_t rows = (charts.size() + columns - 1) / columns;
  const double width = size.width * static_cast<double>(columns);
  const Legend legend = legend_of(charts, width, kTitleHeight);
  const double top = kTitleHeight + legend.height;
  const double height = top + size.height * static_cast<double>(rows);
  std::string words;
  for (const Chart& chart : charts) {
    words += chart.title + ": " + (chart.description.empty() ? chart_in_words(chart) : chart.description);
  }
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" role=\"img\" aria-labelledby=\"title words\" font-family=\"sans-serif\" "
      "font-size=\"13\" fill=\"#16181d\">\n<title id=\"title\">{2}</title>\n<desc id=\"words\">{3}</desc>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
      width, height, escaped_markup(title), escaped_markup(words));
  out += svg_text(width / 2, 25, "text-anchor=\"middle\" font-size=\"16\"", title) + "\n" + legend.svg;
  for (size_t i = 0; i < charts.size(); ++i) {
    out += panel(charts[i], size, size.width * static_cast<double>(i % columns),
                 top + size.height * static_cast<double>(i / columns));
  }
  return out + "</svg>\n";
}

}  // namespace cce
