#include "tools/report/attachment.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/error.h"
#include "tools/counted.h"
#include "tools/durable_file.h"
#include "tools/markup.h"
#include "tools/report/html.h"

namespace cce {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kLargestAttachment = 4'000'000;
/// A longer table stands behind a line that opens it, and no more rows than the most are shown.
constexpr size_t kFewRows = 25, kMostRows = 300;

/// What a URL takes as it is; all else becomes %XX.
bool stays(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(" -_.,;/=()").find(c) != std::string_view::npos;
}

std::string data_url(std::string_view svg) {
  std::string url = "data:image/svg+xml,";
  for (const char c : svg) {
    url += stays(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return url;
}

std::string picture_html(const fs::path& path) {
  const std::string name = escaped_markup(path.filename().string());
  const std::string svg = read_file(path, kLargestAttachment);
  require(svg.find("<svg") != svg.npos, "{}: is no SVG picture", path.string());
  return fmt::format(
      "<figure class=\"card picture\"><figcaption>{0}</figcaption><img alt=\"{0}\" src=\"{1}\"/>"
      "</figure>\n",
      name, data_url(svg));
}

std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields;
  for (size_t begin = 0; begin <= line.size();) {
    const size_t end = std::min(line.find('\t', begin), line.size());
    fields.emplace_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string table_html(const fs::path& path) {
  const std::vector<std::string> lines = lines_of(read_file(path, kLargestAttachment));
  require(!lines.empty(), "{}: is empty", path.string());
  HtmlTable table{.caption = path.filename().string(), .header = fields_of(lines.front()), .rows = {}};
  for (size_t i = 1; i < std::min(lines.size(), kMostRows + 1); ++i) {
    const std::vector<std::string> fields = fields_of(lines[i]);
    require(fields.size() == table.header.size(), "{}: row {} has {}, and the header {}", path.string(), i,
            counted(static_cast<int64_t>(fields.size()), "column"), table.header.size());
    auto& row = table.rows.emplace_back();
    for (const std::string& field : fields) row.push_back({escaped_markup(field)});
  }
  const size_t left = lines.size() - 1 - table.rows.size();
  if (left > 0) table.caption += fmt::format(" (the first {} rows; {} more in the file)", kMostRows, left);
  if (table.rows.size() <= kFewRows) return html_table(table);
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", escaped_markup(table.caption),
                     html_table(table));
}

}  // namespace

bool is_attachment(const fs::path& path) {
  return path.extension() == ".svg" || path.extension() == ".tsv";
}

std::vector<fs::path> attachments_in(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file() && is_attachment(entry.path())) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

std::string attachment_html(const fs::path& path) {
  return path.extension() == ".svg" ? picture_html(path) : table_html(path);
}

}  // namespace cce
