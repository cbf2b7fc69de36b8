#include "tools/chart_scale.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

namespace cce {
namespace {

std::string texts(const ChartScale& scale) {
  std::string texts;
  for (const ChartScale::Tick& tick : scale.ticks()) texts += (texts.empty() ? "" : " ") + tick.text;
  return texts;
}

}  // namespace

TEST_CASE("chart scale: ticks are round numbers with the decimals they need") {
  CHECK(texts(ChartScale({.least = 0, .most = 0.0623, .rounded = true})) == "0 0.02 0.04 0.06 0.08");
  CHECK(texts(ChartScale({.least = 6.13, .most = 8.9, .rounded = true})) == "6 7 8 9");
  CHECK(texts(ChartScale({.least = -3, .most = 3, .ticks = 3})) == "-2 0 2");
  CHECK(texts(ChartScale({.least = 0, .most = 3e7, .ticks = 3})) == "0 1e+07 2e+07 3e+07");
}

TEST_CASE("chart scale: a rounded axis ends at ticks, another at the values") {
  const ChartScale rounded({.least = 0.3, .most = 9.2, .rounded = true});
  CHECK(rounded.begin() == 0);
  CHECK(rounded.end() == 10);
  const ChartScale tight({.least = 1, .most = 54, .whole = true});
  CHECK(tight.begin() == 1);
  CHECK(tight.end() == 54);
  CHECK(texts(tight) == "20 40");
  CHECK(tight.share(1) == 0);
  CHECK(tight.share(54) == 1);
  CHECK(tight.share(99) == 1);
}

TEST_CASE("chart scale: values that are all the same get room, and no number is NaN") {
  for (const double value : {0.0, 1.0, -7.0, 1e-99, 1e99, 0.0312}) {
    for (const bool rounded : {false, true}) {
      CAPTURE(value);
      const ChartScale scale({.least = value, .most = value, .rounded = rounded});
      CHECK(scale.begin() < scale.end());
      CHECK(scale.share(value) >= 0);
      CHECK(scale.share(value) <= 1);
      CHECK(!scale.ticks().empty());
      CHECK(scale.ticks().size() < 20);
    }
  }
  CHECK(texts(ChartScale({.least = 1, .most = 1, .whole = true})) == "0 1 2");
  CHECK(texts(ChartScale({.least = 0, .most = 0, .rounded = true, .ticks = 2})) == "0 0.5 1.0");
}

TEST_CASE("chart scale: whole numbers only") {
  CHECK(texts(ChartScale({.least = 1, .most = 3, .whole = true, .ticks = 6})) == "1 2 3");
}

TEST_CASE("chart scale: a logarithmic axis has its powers of ten, and more where there are few") {
  CHECK(texts(ChartScale({.least = 1, .most = 11925, .logarithmic = true})) == "1 10 100 1000 10000");
  CHECK(texts(ChartScale({.least = 3, .most = 60, .logarithmic = true})) == "5 10 20 50");
  const ChartScale rounded({.least = 0.002, .most = 0.8, .logarithmic = true, .rounded = true});
  CHECK(rounded.begin() == doctest::Approx(0.001));
  CHECK(rounded.end() == doctest::Approx(1));
  CHECK(rounded.share(0.1) == doctest::Approx(2.0 / 3));
  const ChartScale many({.least = 1e-30, .most = 1e30, .logarithmic = true, .rounded = true});
  CHECK(many.ticks().size() <= 6);
  const ChartScale same({.least = 5, .most = 5, .logarithmic = true});
  CHECK(same.share(5) == doctest::Approx(0.5));
}

TEST_CASE("chart scale: what cannot be shown") {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {std::nan(""), infinity, -infinity, 1e300}) CHECK(!can_be_shown(value, false));
  CHECK(can_be_shown(-2, false));
  for (const double value : {0.0, -2.0, std::nan("")}) CHECK(!can_be_shown(value, true));
  CHECK(can_be_shown(1e-9, true));
}

}  // namespace cce
