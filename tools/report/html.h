// Pieces of the page: tables, sections and charts as HTML that is well-formed XML, too, and numbers as people
// read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/svg_chart.h"

namespace cce {

/// A cell's content is markup: text goes through escaped_markup() first.
struct HtmlCell {
  std::string content;
  std::string style_class = "";
  /// What the column is sorted by where the content does not begin with the number.
  std::optional<double> sort = std::nullopt;
};
struct HtmlTable {
  std::string caption;              ///< text
  std::vector<std::string> header;  ///< text
  /// The first cell of a row names it.
  std::vector<std::vector<HtmlCell>> rows;
  std::string style_class = "";
};
/// The table in a box in which it scrolls where it is wider than the page.
std::string html_table(const HtmlTable& table);

/// A section with a heading; "" where there is nothing in it. `id` is what links go to.
std::string html_section(const std::string& id, const std::string& heading, const std::string& content);

/// A chart under its title. `id` must be no other's on the page.
std::string html_chart(const Chart& chart, const std::string& id, const std::string& style_class = "",
                       ChartSize size = {});

/// "0.0312": a metric, with the digits that papers give.
std::string metric_text(double value);
/// "838,912"
std::string count_text(int64_t count);
/// "2.1 s", "3 min 20 s", "1 h 05 min"
std::string seconds_text(double seconds);
/// "162 MB"
std::string bytes_text(int64_t bytes);

}  // namespace cce
