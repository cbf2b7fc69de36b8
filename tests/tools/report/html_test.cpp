#include "tools/report/html.h"

#include <doctest/doctest.h>

#include "tests/tools/well_formed.h"

namespace cce {

TEST_CASE("report html: numbers as people read them") {
  CHECK(count_text(0) == "0");
  CHECK(count_text(999) == "999");
  CHECK(count_text(1000) == "1,000");
  CHECK(count_text(12345678) == "12,345,678");
  CHECK(count_text(-1234) == "-1,234");
  CHECK(count_text(-123) == "-123");
  CHECK(seconds_text(0.034) == "0.03 s");
  CHECK(seconds_text(2.1) == "2.10 s");
  CHECK(seconds_text(100) == "100.0 s");
  CHECK(seconds_text(200) == "3 min 20 s");
  CHECK(seconds_text(3599.6) == "1 h 00 min");
  CHECK(seconds_text(3900) == "1 h 05 min");
  CHECK(seconds_text(1e300) == "1e+300 s");
  CHECK(bytes_text(162'345'678) == "162 MB");
  CHECK(bytes_text(1) == "1 kB");
  CHECK(bytes_text(139'000'000'000) == "139.0 GB");
  CHECK(metric_text(0.03124) == "0.0312");
}

TEST_CASE("report html: a table escapes its caption and names, and its rows have their heads") {
  const std::string html =
      html_table({.caption = "a < b", .header = {"x & y", "z"}, .rows = {{{"<b>1</b>"}, {"2", "best", 7}}}});
  CHECK(testing::markup_fault(html) == "");
  CHECK(html.find("<caption>a &lt; b</caption>") != std::string::npos);
  CHECK(html.find("<th scope=\"col\">x &amp; y</th>") != std::string::npos);
  CHECK(html.find("<th scope=\"row\"><b>1</b></th><td class=\"best\" data-sort=\"7\">2</td>") !=
        std::string::npos);
  CHECK(html.find("tabindex=\"0\" role=\"region\" aria-label=\"a &lt; b\"") != std::string::npos);
}

TEST_CASE("report html: a section without content is none") {
  CHECK(html_section("id", "Heading", "") == "");
  CHECK(html_section("id", "A & B", "x").find("<h2 id=\"id-heading\">A &amp; B</h2>") != std::string::npos);
}

}  // namespace cce
