#include "tools/svg_chart.h"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

#include "tests/tools/well_formed.h"

namespace cce {
namespace {

using testing::markup_fault;

size_t occurrences(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// Values from 0 to 1 on both axes, whatever the series have.
Chart chart_with(std::vector<ChartSeries> series) {
  return {"title", {.title = "x", .include = {0, 1}}, {.title = "y", .include = {0, 1}}, std::move(series)};
}

std::string element(const Chart& chart) {
  return svg_element(chart, "c", {.width = 400, .height = 270});
}

}  // namespace

TEST_CASE("svg chart: a line is drawn to scale") {
  const std::string svg = element(chart_with({{"line", {{0, 0}, {0.5, 1}, {1, 0.25}}}}));
  CHECK(markup_fault(svg) == "");
  double left = 0, top = 0, width = 0, height = 0;
  const size_t plane = svg.find("data-plane=\"");
  REQUIRE(plane != std::string::npos);
  REQUIRE(std::sscanf(svg.c_str() + plane, "data-plane=\"%lf %lf %lf %lf\"", &left, &top, &width, &height) ==
          4);
  double x[3], y[3];
  const size_t line = svg.find("stroke-linejoin=\"round\" d=\"");
  REQUIRE(line != std::string::npos);
  REQUIRE(std::sscanf(svg.c_str() + line, "stroke-linejoin=\"round\" d=\"M%lf %lfl%lf %lfl%lf %lf\"", &x[0],
                      &y[0], &x[1], &y[1], &x[2], &y[2]) == 6);
  for (const size_t i : {1, 2}) x[i] += x[i - 1], y[i] += y[i - 1];  // steps
  CHECK(x[0] == doctest::Approx(left).epsilon(0.001));
  CHECK(x[1] == doctest::Approx(left + width / 2).epsilon(0.001));
  CHECK(x[2] == doctest::Approx(left + width).epsilon(0.001));
  CHECK(y[0] == doctest::Approx(top + height).epsilon(0.001));
  CHECK(y[1] == doctest::Approx(top).epsilon(0.001));
  CHECK(y[2] == doctest::Approx(top + height * 0.75).epsilon(0.001));
  CHECK(left + width < 400);
  CHECK(top + height < 270);
}

TEST_CASE("svg chart: the steps of a long line end where they should") {
  ChartSeries series{"s", {}};
  for (int i = 0; i <= 3000; ++i) series.points.push_back({i / 3000.0, i % 7 / 7.0});
  const std::string svg = element(chart_with({series}));
  double left = 0, top = 0, width = 0, height = 0;
  REQUIRE(std::sscanf(svg.c_str() + svg.find("data-plane"), "data-plane=\"%lf %lf %lf %lf", &left, &top,
                      &width, &height) == 4);
  const char* at = svg.c_str() + svg.find("round\" d=\"M") + 10;
  double x = 0, y = 0;
  for (int used = 0; *at == 'M' || *at == 'l'; at += used) {
    double right = 0, down = 0;
    REQUIRE(std::sscanf(at + 1, "%lf %lf%n", &right, &down, &used) == 2);
    x += right, y += down, ++used;
  }
  CHECK(x == doctest::Approx(left + width).epsilon(0.001));
  CHECK(y == doctest::Approx(top + height * (1 - 3000 % 7 / 7.0)).epsilon(0.001));
}

TEST_CASE("svg chart: words from outside stay words, in elements and in attributes") {
  const std::string evil = "</title><script>alert(\"1\")</script> & 'é'";
  Chart chart{evil, {.title = evil, .names = {evil, "b"}}, {.title = evil}, {{evil, {{0, 1}, {1, 2}}}}};
  for (const std::string& svg : {element(chart), svg_file(evil, {&chart, 1})}) {
    CHECK(markup_fault(svg) == "");
    CHECK(svg.find("<script") == std::string::npos);
    CHECK(svg.find("&lt;script&gt;alert(&quot;1&quot;)") != std::string::npos);
    CHECK(svg.find("&#39;é&#39;") != std::string::npos);
  }
}

TEST_CASE("svg chart: what is no number is left out, and none appears") {
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  const std::vector<ChartPoint> points = {{1, nan}, {2, 0.5}, {3, infinity}, {nan, 1}, {5, -1}, {6, 1e300}};
  for (const bool logarithmic : {false, true}) {
    Chart chart{"t",
                {.title = "x"},
                {.title = "y", .logarithmic = logarithmic},
                {{"s", points, SeriesKind::line, 1}}};
    const std::string svg = element(chart);
    const std::string drawn = svg.substr(svg.find("</desc>"));
    CHECK(drawn.find("nan") == std::string::npos);
    CHECK(drawn.find("inf") == std::string::npos);
    CHECK(drawn.find(logarithmic ? "data-x=\"2\" data-y=\"0.5\"" : "data-x=\"2 5\" data-y=\"0.5 -1\"") !=
          std::string::npos);
    CHECK(occurrences(drawn, "class=\"best\"") == 1);  // the star stays with its point
  }
}

TEST_CASE("svg chart: charts of nothing, of one point and of one value many times") {
  const std::vector<ChartPoint> constant(300, ChartPoint{7, 0.5});
  for (const std::vector<ChartPoint>& points : {std::vector<ChartPoint>{}, {{1, 0}}, {{1, 3}}, constant}) {
    for (const SeriesKind kind :
         {SeriesKind::line, SeriesKind::steps, SeriesKind::points, SeriesKind::bars}) {
      const std::string svg = element({"t", {.title = "x"}, {.title = "y"}, {{"s", points, kind, 0}}});
      CHECK(markup_fault(svg) == "");
      CHECK(svg.find("nan") == std::string::npos);
      CHECK(svg.find("inf") == std::string::npos);
    }
  }
  CHECK(markup_fault(element({"t", {}, {}, {}})) == "");
  CHECK(markup_fault(svg_file("t", {})) == "");
}

TEST_CASE("svg chart: numbers for a script, and epochs that count from 1 are left out") {
  const std::string svg = element({"t", {}, {}, {{"a", {{1, 0.25}, {2, 12345}}, SeriesKind::line, {}, 5}}});
  CHECK(svg.find("data-series=\"5\" data-name=\"a\" data-y=\"0.25 12345\"") != std::string::npos);
  CHECK(svg.find("data-x=\"1 2 linear\"") != std::string::npos);
}

TEST_CASE("svg chart: error bars reach from end to end and are on the axis") {
  const std::string svg = element({"t", {}, {.include = {0}}, {{"a", {{1, 5, {{4, 9.5}}}}}}});
  CHECK(svg.find(">10</text>") != std::string::npos);
  CHECK(svg.find("h8m-4 0V") != std::string::npos);
}

TEST_CASE("svg chart: bars of two series stand beside each other, one of them hatched") {
  const Chart chart{"t",
                    {.title = "rank", .names = {"1", "2-5"}},
                    {.title = "users"},
                    {{"a", {{0, 3}, {1, 5}}, SeriesKind::bars}, {"b", {{0, 4}, {1, 1}}, SeriesKind::bars}}};
  const std::string svg = element(chart);
  CHECK(svg.find(">2-5</text>") != std::string::npos);
  CHECK(svg.find("data-names=\"1\n2-5\"") != std::string::npos);
  CHECK(occurrences(svg, "class=\"hatch\"") == 1);
}

TEST_CASE("svg chart: a file has a legend with each look once, its charts, and no reference") {
  const Chart one = chart_with({{"first", {{0, 0}, {1, 1}}}, {"second", {{0, 1}, {1, 0}}}});
  const std::array charts = {one, one, one};
  const std::string svg = svg_file("Three charts", charts, 2, {.width = 300, .height = 200});
  CHECK(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 "));
  CHECK(svg.ends_with("</svg>\n"));
  CHECK(markup_fault(svg) == "");
  CHECK(occurrences(svg, ">first</text>") == 1);
  CHECK(occurrences(svg, ">second</text>") == 1);
  CHECK(occurrences(svg, "class=\"series ") == 6);
  CHECK(svg.find("translate(300.0 ") != std::string::npos);
  CHECK(svg.find("href") == std::string::npos);
  CHECK(svg.find("data-") == std::string::npos);
}

TEST_CASE("svg chart: it is told in words, too") {
  const Chart chart{
      "t", {.title = "epoch"}, {.title = "loss"}, {{"a", {{1, 8}, {2, 6}, {3, 7}}, SeriesKind::line, 1}}};
  CHECK(chart_in_words(chart) ==
        "loss by epoch. a: from 8 at 1 to 7 at 3, lowest 6 at 2, highest 8 at 1, best 6 at 2. ");
  CHECK(element(chart).find("<desc id=\"c-words\">loss by epoch. a: from 8") != std::string::npos);
  CHECK(element(chart).find("aria-labelledby=\"c-title c-words\"") != std::string::npos);
}

}  // namespace cce
