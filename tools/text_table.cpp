#include "tools/text_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "data/utf8.h"
#include "engine/error.h"

namespace cce {
namespace {

/// Calls use(texts) for the names of the columns and for every row.
template <class Use>
void for_each_line(const TextTable& table, Use use) {
  use(table.columns);
  for (const std::vector<std::string>& row : table.rows) {
    require(row.size() == table.columns.size(), "[table] a row of {} texts for {} columns", row.size(),
            table.columns.size());
    use(row);
  }
}

/// Whether the column has a number; where it has, words beside it say why there is none.
bool holds_numbers(const TextTable& table, size_t column) {
  return std::ranges::any_of(table.rows, [&](const std::vector<std::string>& row) {
    const std::string& text = row[column];
    return !text.empty() && std::string_view("0123456789+-.").find(text[0]) != std::string_view::npos &&
           !text.starts_with("--");
  });
}

}  // namespace

std::string to_columns(const TextTable& table) {
  std::vector<size_t> widths(table.columns.size());
  for_each_line(table, [&](const std::vector<std::string>& texts) {
    for (size_t i = 0; i < texts.size(); ++i) widths[i] = std::max(widths[i], character_count(texts[i]));
  });
  std::vector<bool> numbers;
  for (size_t i = 0; i < table.columns.size(); ++i) numbers.push_back(holds_numbers(table, i));
  std::string result;
  for_each_line(table, [&](const std::vector<std::string>& texts) {
    std::string line;
    for (size_t i = 0; i < texts.size(); ++i) {
      const std::string room(widths[i] - character_count(texts[i]), ' ');
      line += (i > 0 ? "  " : "") + (numbers[i] ? room + texts[i] : texts[i] + room);
    }
    while (line.ends_with(' ')) line.pop_back();
    result += line + "\n";
  });
  return result;
}

std::string to_markdown(const TextTable& table) {
  std::string result;
  for_each_line(table, [&](const std::vector<std::string>& texts) {
    result += fmt::format("| {} |\n", fmt::join(texts, " | "));
    if (&texts != &table.columns) return;
    result += "|";
    for (size_t i = 0; i < texts.size(); ++i) result += " --- |";
    result += "\n";
  });
  return result;
}

std::string to_tsv(const TextTable& table) {
  std::string result;
  for_each_line(table, [&](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      require(text.find_first_of("\t\n") == std::string::npos, "[table] {:?} cannot stand in a table", text);
    }
    result += fmt::format("{}\n", fmt::join(texts, "\t"));
  });
  return result;
}

}  // namespace cce
