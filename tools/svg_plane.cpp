#include "tools/svg_plane.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/utf8.h"
#include "tools/markup.h"

namespace cce {
namespace {

// In pixels.
constexpr double kRight = 18, kBottom = 46, kCharacter = 7.1, kBetweenXTicks = 58, kBetweenYTicks = 44;

/// Every value that the axis must have.
std::vector<double> values_on(const ChartAxis& axis, const Chart& chart, bool is_x) {
  std::vector<double> values;
  const auto add = [&](double value) {
    if (can_be_shown(value, axis.logarithmic)) values.push_back(value);
  };
  for (const double value : axis.include) add(value);
  for (const ChartSeries& series : chart.series) {
    for (const ChartPoint& point : series.points) {
      add(is_x ? point.x : point.y);
      if (!is_x && point.range) add(point.range->low), add(point.range->high);
    }
    if (!is_x && series.kind == SeriesKind::bars) add(0);
  }
  if (values.empty()) values.push_back(1);
  return values;
}

ScaleRequest request_for(const ChartAxis& axis, const Chart& chart, bool is_x, double pixels) {
  if (is_x && !axis.names.empty()) return {-0.5, static_cast<double>(axis.names.size()) - 0.5, false, true};
  const std::vector<double> values = values_on(axis, chart, is_x);
  const auto [least, most] = std::ranges::minmax(values);
  const double between = is_x ? kBetweenXTicks : kBetweenYTicks;
  return {least, most, axis.logarithmic, axis.whole, !is_x, std::max(2, static_cast<int>(pixels / between))};
}

double widest(const std::vector<ChartScale::Tick>& ticks) {
  size_t characters = 1;
  for (const ChartScale::Tick& tick : ticks) characters = std::max(characters, tick.text.size());
  return kCharacter * static_cast<double>(characters);
}

}  // namespace

std::string svg_text(double x, double y, const std::string& attributes, const std::string& words) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}{}>{}</text>", x, y, attributes.empty() ? "" : " ",
                     attributes, escaped_markup(words));
}

SvgPlane::SvgPlane(const Chart& chart, ChartSize size, double top)
    : chart_(chart),
      x_(request_for(chart.x, chart, true, size.width - 60)),
      y_(request_for(chart.y, chart, false, size.height - top - kBottom)),
      left_(widest(y_.ticks()) + (chart.y.title.empty() ? 14 : 34)),
      top_(top),
      width_(size.width - left_ - kRight),
      height_(size.height - top - kBottom) {}

bool SvgPlane::can_be_shown(const ChartPoint& point) const {
  return cce::can_be_shown(point.x, x_.logarithmic()) && cce::can_be_shown(point.y, y_.logarithmic());
}

std::string SvgPlane::axes() const {
  std::string out = lines() + x_ticks() + y_ticks();
  out += svg_text(left_ + width_ / 2, top_ + height_ + 39, "class=\"words\" text-anchor=\"middle\"",
                  chart_.x.title);
  if (!chart_.y.title.empty()) {
    out += fmt::format("<g transform=\"translate(13 {:.1f}) rotate(-90)\">{}</g>", top_ + height_ / 2,
                       svg_text(0, 0, "class=\"words\" text-anchor=\"middle\"", chart_.y.title));
  }
  return out + "\n";
}

std::string SvgPlane::lines() const {
  const double bottom = top_ + height_;
  std::string grid, axis = fmt::format("M{:.1f} {:.1f}h{:.1f}", left_, bottom, width_);
  for (const ChartScale::Tick& tick : y_.ticks()) {
    grid += fmt::format("M{:.1f} {:.1f}h{:.1f}", left_, y(tick.value), width_);
  }
  if (chart_.x.names.empty()) {
    for (const ChartScale::Tick& tick : x_.ticks()) {
      axis += fmt::format("M{:.1f} {:.1f}v5", x(tick.value), bottom);
    }
  }
  return fmt::format(
      "<path class=\"grid\" stroke=\"#e1e4e8\" d=\"{}\"/><path class=\"axis\" stroke=\"#565c66\" d=\"{}\"/>",
      grid, axis);
}

std::string SvgPlane::x_ticks() const {
  std::vector<ChartScale::Tick> ticks = x_.ticks();
  if (!chart_.x.names.empty()) {
    ticks.clear();
    for (const std::string& name : chart_.x.names) ticks.push_back({static_cast<double>(ticks.size()), name});
  }
  std::string out = "<g text-anchor=\"middle\" fill=\"#565c66\">";
  double free_from = 0;  // ticks of a logarithmic axis come closer and closer
  for (const ChartScale::Tick& tick : ticks) {
    const double half = kCharacter * static_cast<double>(character_count(tick.text)) / 2;
    const double middle = std::min(x(tick.value), left_ + width_ + kRight - half);
    if (middle - half < free_from) continue;
    free_from = middle + half + 4;
    out += svg_text(middle, top_ + height_ + 19, "", tick.text);
  }
  return out + "</g>";
}

std::string SvgPlane::y_ticks() const {
  std::string out = "<g text-anchor=\"end\" fill=\"#565c66\">";
  for (const ChartScale::Tick& tick : y_.ticks()) {
    out += svg_text(left_ - 7, y(tick.value) + 4.5, "", tick.text);
  }
  return out + "</g>";
}

std::string SvgPlane::data_attributes() const {
  const auto axis = [](const char* name, const ChartScale& scale) {
    return fmt::format(" data-{}=\"{:.6g} {:.6g} {}\"", name, scale.begin(), scale.end(),
                       scale.logarithmic() ? "log" : "linear");
  };
  std::string names;
  for (const std::string& name : chart_.x.names) names += (names.empty() ? "" : "\n") + name;
  if (!names.empty()) names = fmt::format(" data-names=\"{}\"", escaped_markup(names));
  return fmt::format("data-plane=\"{:.1f} {:.1f} {:.1f} {:.1f}\"", left_, top_, width_, height_) +
         axis("x", x_) + axis("y", y_) + fmt::format(" data-x-title=\"{}\"", escaped_markup(chart_.x.title)) +
         names;
}

}  // namespace cce
