// A table of texts: in columns for a terminal, as Markdown, and as tab-separated values.
#pragma once

#include <string>
#include <vector>

namespace cce {

struct TextTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  ///< each with a text per column
};

/// Columns as wide as their longest text: numbers to the right, words to the left.
std::string to_columns(const TextTable& table);
std::string to_markdown(const TextTable& table);
/// Throws if a text has a tab or a line feed.
std::string to_tsv(const TextTable& table);

}  // namespace cce
