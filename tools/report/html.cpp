#include "tools/report/html.h"

#include <fmt/format.h>

#include <cmath>

#include "tools/counted.h"
#include "tools/markup.h"

namespace cce {
namespace {

std::string html_row(const std::vector<HtmlCell>& cells) {
  std::string row = "<tr>";
  for (size_t i = 0; i < cells.size(); ++i) {
    std::string attributes;
    if (!cells[i].style_class.empty()) attributes += fmt::format(" class=\"{}\"", cells[i].style_class);
    if (cells[i].sort) attributes += fmt::format(" data-sort=\"{}\"", *cells[i].sort);
    row += i == 0 ? fmt::format("<th scope=\"row\"{}>{}</th>", attributes, cells[i].content)
                  : fmt::format("<td{}>{}</td>", attributes, cells[i].content);
  }
  return row + "</tr>\n";
}

}  // namespace

std::string html_table(const HtmlTable& table) {
  std::string header, rows;
  for (const std::string& name : table.header) {
    header += fmt::format("<th scope=\"col\">{}</th>", escaped_markup(name));
  }
  for (const auto& row : table.rows) rows += html_row(row);
  const std::string caption = escaped_markup(table.caption);
  return fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"{}\"><table{}><caption>{}</caption>\n"
      "<thead><tr>{}</tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
      caption, table.style_class.empty() ? "" : fmt::format(" class=\"{}\"", table.style_class), caption,
      header, rows);
}

std::string html_section(const std::string& id, const std::string& heading, const std::string& content) {
  if (content.empty()) return "";
  return fmt::format(
      "<section id=\"{0}\" aria-labelledby=\"{0}-heading\">\n<h2 id=\"{0}-heading\">{1}</h2>\n{2}"
      "</section>\n",
      id, escaped_markup(heading), content);
}

std::string html_chart(const Chart& chart, const std::string& id, const std::string& style_class,
                       ChartSize size) {
  const std::string title = escaped_markup(chart.title);
  return fmt::format(
      "<figure class=\"card {}\"><figcaption>{}</figcaption>\n<div class=\"plot\" tabindex=\"0\" "
      "role=\"group\" "
      "aria-label=\"{}\">{}</div></figure>\n",
      style_class, title, title, svg_element(chart, id, size));
}

std::string metric_text(double value) {
  return fmt::format("{:.4f}", value);
}

std::string count_text(int64_t count) {
  std::string text = fmt::format("{}", count);
  const std::ptrdiff_t first = count < 0 ? 1 : 0;
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > first; at -= 3) {
    text.insert(static_cast<size_t>(at), ",");
  }
  return text;
}

std::string seconds_text(double seconds) {
  if (!(seconds < 1e9)) return fmt::format("{:.3g} s", seconds);
  if (seconds < 9.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 119.5) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<int64_t>(std::lround(seconds));
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

std::string bytes_text(int64_t bytes) {
  if (bytes < 1'000'000) return fmt::format("{} kB", (bytes + 999) / 1000);
  if (bytes < 10'000'000'000) return fmt::format("{} MB", megabytes(bytes));
  return fmt::format("{:.1f} GB", static_cast<double>(bytes) / 1e9);
}

}  // namespace cce
