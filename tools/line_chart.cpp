#include "tools/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace cce {
namespace {

// In pixels: a chart's plane, the room around it for labels, and the line of the legend.
constexpr double kPlaneWidth = 420, kPlaneHeight = 300;
constexpr double kLeft = 70, kRight = 20, kTop = 80, kBottom = 50;
constexpr double kChartWidth = kLeft + kPlaneWidth + kRight;
constexpr double kLegendTop = 44;

/// Colours that differ for colour-blind eyes, too (Okabe and Ito).
constexpr std::array kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"};

std::string style_of(const LineSeries& series, size_t number) {
  const char* const dashes = series.dashed ? " stroke-dasharray=\"6 4\"" : "";
  return fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{}", kColours[number % kColours.size()],
                     dashes);
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    safe += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
  }
  return safe;
}

/// Where on an axis a value lies: 0 at its first tick, 1 at its last.
double share_of(const Axis& axis, double value) {
  const auto scale = [&](double v) { return axis.logarithmic ? std::log(v) : v; };
  const double first = axis.ticks.front(), last = axis.ticks.back();
  value = std::clamp(value, first, last);
  return (scale(value) - scale(first)) / (scale(last) - scale(first));
}

/// One chart with its plane's upper left corner at (left, kTop).
class ChartDrawing {
 public:
  ChartDrawing(const LineChart& chart, double left) : chart_(chart), left_(left) {}

  std::string svg() const {
    std::string out = text(left_ + kPlaneWidth / 2, kTop - 10, "middle", chart_.title);
    for (const double tick : chart_.x.ticks) {
      out += line(x(tick), kTop, x(tick), kTop + kPlaneHeight);
      out += text(x(tick), kTop + kPlaneHeight + 18, "middle", fmt::format("{}", tick));
    }
    for (const double tick : chart_.y.ticks) {
      out += line(left_, y(tick), left_ + kPlaneWidth, y(tick));
      out += text(left_ - 8, y(tick) + 4, "end", fmt::format("{}", tick));
    }
    out += text(left_ + kPlaneWidth / 2, kTop + kPlaneHeight + 40, "middle", chart_.x.label);
    out += fmt::format("<g transform=\"translate({:.1f} {:.1f}) rotate(-90)\">{}</g>\n", left_ - 50,
                       kTop + kPlaneHeight / 2, text(0, 0, "middle", chart_.y.label));
    for (size_t i = 0; i < chart_.series.size(); ++i)
      out += path(chart_.series[i], style_of(chart_.series[i], i));
    return out;
  }

  static std::string text(double x, double y, const char* anchor, const std::string& words) {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                       escaped(words));
  }

 private:
  double x(double value) const { return left_ + kPlaneWidth * share_of(chart_.x, value); }
  double y(double value) const { return kTop + kPlaneHeight * (1 - share_of(chart_.y, value)); }

  static std::string line(double x1, double y1, double x2, double y2) {
    return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"#ddd\"/>\n",
                       x1, y1, x2, y2);
  }

  std::string path(const LineSeries& series, const std::string& style) const {
    std::string points;
    for (const auto& [px, py] : series.points) points += fmt::format("{:.1f},{:.1f} ", x(px), y(py));
    return fmt::format("<polyline points=\"{}\" {}/>\n", points, style);
  }

  const LineChart& chart_;
  double left_;
};

std::string legend(const std::vector<LineSeries>& series) {
  std::string out;
  double x = kLeft;
  for (size_t i = 0; i < series.size(); ++i) {
    out += fmt::format("<path d=\"M{:.1f} {:.1f}h24\" {}/>\n", x, kLegendTop - 4, style_of(series[i], i));
    out += ChartDrawing::text(x + 30, kLegendTop, "start", series[i].name);
    x += 60 + 8 * static_cast<double>(series[i].name.size());
  }
  return out;
}

}  // namespace

std::string to_svg(const std::string& title, std::span<const LineChart> charts) {
  const double width = kChartWidth * static_cast<double>(charts.size());
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
      "height=\"{1:.0f}\" font-family=\"sans-serif\" font-size=\"13\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
      width, kTop + kPlaneHeight + kBottom);
  out += ChartDrawing::text(width / 2, 22, "middle", title);
  if (!charts.empty()) out += legend(charts.front().series);
  for (size_t i = 0; i < charts.size(); ++i) {
    out += ChartDrawing(charts[i], kLeft + kChartWidth * static_cast<double>(i)).svg();
  }
  return out + "</svg>\n";
}

}  // namespace cce
