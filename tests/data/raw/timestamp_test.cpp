#include "data/raw/timestamp.h"

#include <doctest/doctest.h>

namespace cce {
namespace {

constexpr int64_t kSecond = 1'000'000;

std::optional<int64_t> parse(std::string_view text, TimeUnit unit = TimeUnit::automatic) {
  return TimeReader(unit).parse(text);
}

TEST_CASE("A number's unit is told by its size, or said") {
  CHECK(parse("1400000000") == 1'400'000'000 * kSecond);
  CHECK(parse("1400000000123") == 1'400'000'000'123'000);
  CHECK(parse("1400000000123456") == 1'400'000'000'123'456);
  CHECK(parse("1400000000123456789") == 1'400'000'000'123'456);
  CHECK(parse(" 7 ") == 7 * kSecond);
  CHECK(parse("-428720400000") == -428'720'400'000'000);
  CHECK(parse("7", TimeUnit::milliseconds) == 7'000);
  CHECK(parse("7", TimeUnit::microseconds) == 7);
  CHECK(parse("-1", TimeUnit::nanoseconds) == -1);
  CHECK(parse("1396861749.277") == 1'396'861'749'277'000);
  CHECK(parse("1.5e9") == 1'500'000'000 * kSecond);
}

TEST_CASE("All numbers of a file have the unit of its first, so that their order is kept") {
  TimeReader reader(TimeUnit::automatic);
  CHECK(reader.parse("0") == 0);  // says nothing
  CHECK(reader.parse("1238536800000") == 1'238'536'800'000'000);
  CHECK(reader.parse("1000") == 1'000'000);
}

TEST_CASE("Dates are read, with and without hours, fractions and zones") {
  CHECK(parse("1970-01-01") == 0);
  CHECK(parse("2019-01-01") == 1'546'300'800 * kSecond);
  CHECK(parse("1969-12-31") == -86'400 * kSecond);
  CHECK(parse("2019-01-01 00:00:01") == 1'546'300'801 * kSecond);
  CHECK(parse("2019-01-01T00:01") == 1'546'300'860 * kSecond);
  CHECK(parse("2019-01-01T00:00:00.25Z") == 1'546'300'800 * kSecond + 250'000);
  CHECK(parse("2019-01-01 00:00:00.1234567 UTC") == 1'546'300'800 * kSecond + 123'456);
  CHECK(parse("2019-01-01 02:00:00+02:00") == 1'546'300'800 * kSecond);
  CHECK(parse("2018-12-31T19:00:00-0500") == 1'546'300'800 * kSecond);
  CHECK(parse("2016-12-31T23:59:60Z") == 1'483'228'800 * kSecond);
}

TEST_CASE("What is no time is none") {
  for (const char* text : {"", " ", "x", "nan", "inf", "1e300", "2019-13-01", "2019-02-29", "2019-1-1",
                           "01/31/2019", "2019-01-01 25:00", "2019-01-01 10:60", "2019-01-01 10",
                           "2019-01-01 10:00:", "2019-01-01x", "2019-01-01 10:00 CET", "1 2"}) {
    CAPTURE(std::string(text));
    CHECK(!parse(text));
  }
  CHECK(!parse("10000000000000000", TimeUnit::seconds));  // beyond 64 bits of microseconds
}

TEST_CASE("A date as a bound means its whole day") {
  const auto day = time_span("2019-01-01");
  REQUIRE(day);
  CHECK(day->first == 1'546'300'800 * kSecond);
  CHECK(day->last == 1'546'387'200 * kSecond - 1);
  const auto moment = time_span("2019-01-01 00:00:00");
  REQUIRE(moment);
  CHECK(moment->first == moment->last);
  CHECK(!time_span("yesterday"));
}

}  // namespace
}  // namespace cce
