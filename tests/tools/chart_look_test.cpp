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

/// CIE L*a*b* of linear red, green and blue: distances in it are about those that eyes see.
std::array<double, 3> lab(const std::array<double, 3>& rgb) {
  const auto root = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16 / 116.0; };
  const double x = root((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505);
  const double y = root(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]);
  const double z = root((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
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

TEST_CASE("chart look: colours differ for eyes without red or without green receptors") {
  // How the colours come to such eyes (Machado, Oliveira and Fernandes 2009), in linear red, green and blue.
  using Matrix = std::array<std::array<double, 3>, 3>;
  const Matrix no_red = {
      {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
  const Matrix no_green = {
      {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};
  const auto seen = [](const Matrix& eye, const std::string& colour) {
    std::array<double, 3> result{};
    for (size_t i = 0; i < 3; ++i) {
      for (size_t j = 0; j < 3; ++j) result[i] += eye[i][j] * linear(colour)[j];
    }
    return lab(result);
  };
  for (const Matrix& eye : {no_red, no_green}) {
    for (size_t i = 0; i < kPaletteSize; ++i) {
      for (size_t j = 0; j < i; ++j) {
        CAPTURE(i);
        CAPTURE(j);
        CHECK(distance(seen(eye, chart_look(i).light), seen(eye, chart_look(j).light)) >= 15);
        CHECK(distance(seen(eye, chart_look(i).dark), seen(eye, chart_look(j).dark)) >= 15);
      }
    }
  }
}

TEST_CASE("chart look: every marker is a shape of its own") {
  std::set<std::string> shapes;
  for (size_t i = 0; i < 7; ++i) shapes.insert(marker_path(chart_look(i).marker, 10, 10));
  CHECK(shapes.size() == 7);
  CHECK(shapes.count("") == 0);
}

}  // namespace cce
