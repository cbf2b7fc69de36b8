#include "tools/chart_look.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <set>
#include <string>
#include <tuple>

namespace cce {
namespace {

/// Linear red, green and blue of "#rrggbb".
std::array<double, 3> linear(const std::string& colour) {
  std::array<double, 3> channels{};
  for (size_t i = 0; i < 3; ++i) {
    const double value = std::stoi(colour.substr(1 + 2 * i, 2), nullptr, 16) / 255.0;
    channels[i] = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  }
  return channels;
}

/// The contrast of WCAG 2.
double contrast(const std::string& a, const std::string& b) {
  const auto luminance = [](const std::string& colour) {
    const auto [red, green, blue] = linear(colour);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  };
  return std::max(luminance(a), luminance(b)) / std::min(luminance(a), luminance(b));
}

}  // namespace

TEST_CASE("chart look: no two of many series look the same") {
  std::set<std::tuple<size_t, std::string, Marker>> looks;
  for (size_t i = 0; i < 280; ++i) {
    const ChartLook look = chart_look(i);
    CHECK(looks.emplace(look.colour, look.dashes, look.marker).second);
  }
}

TEST_CASE("chart look: neighbours differ in more than their colour") {
  for (size_t i = 0; i < 40; ++i) {
    CHECK(chart_look(i).marker != chart_look(i + 1).marker);
    CHECK(chart_look(i).dashes != std::string(chart_look(i + 1).dashes));
  }
}

TEST_CASE("chart look: colours stand out from both grounds") {
  for (size_t i = 0; i < kPaletteSize; ++i) {
    CAPTURE(i);
    CHECK(contrast(chart_look(i).light, "#ffffff") >= 3);
    CHECK(contrast(chart_look(i).dark, "#191c21") >= 3);
  }
  for (const bool dark : {false, true}) {
    const std::string colours = chart_colours(dark);
    const auto value = [&](const std::string& name) {
      return colours.substr(colours.find(name + ":") + name.size() + 1, 7);
    };
    CHECK(contrast(value("--ink"), value("--ground")) >= 7);
    CHECK(contrast(value("--faint"), value("--ground")) >= 4.5);
  }
}

TEST_CASE("chart look: every marker is a shape of its own") {
  std::set<std::string> shapes;
  for (size_t i = 0; i < 7; ++i) shapes.insert(marker_path(chart_look(i).marker, 10, 10));
  CHECK(shapes.size() == 7);
  CHECK(shapes.count("") == 0);
}

}  // namespace cce
