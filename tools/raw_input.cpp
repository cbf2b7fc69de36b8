#include "tools/raw_input.h"

#include <filesystem>

#include "tools/counted.h"
#include "tools/data_options.h"
#include "tools/progress.h"

namespace cce {
namespace {

/// Shows how much of the file was read; nothing where its size is not known.
OnBytes shown_progress(const std::string& path) {
  std::error_code unknown;
  const auto size = std::filesystem::file_size(path, unknown);
  if (unknown || size == 0) return {};
  const bool quiet = Progress::style_for(false, stderr) != Progress::Style::bar;
  auto progress = std::make_shared<Progress>("reading " + std::filesystem::path(path).filename().string(),
                                             megabytes(static_cast<int64_t>(size)) + 1, "MB", quiet);
  return [progress](int64_t bytes) { progress->update(megabytes(bytes)); };
}

}  // namespace

RawLines open_raw_lines(const std::string& path) {
  return {open_bytes(path, shown_progress(path)), path == "-" ? "standard input" : path};
}

RawInput open_raw_input(const std::string& path, const DataOptions& options, OnFault on_fault) {
  RawLines lines = open_raw_lines(path);
  const std::string_view line = first_line(lines);
  const RawFormat& format =
      options.format == "auto" ? sniff_raw_format(line, lines.name()) : *find_raw_format(options.format);
  return {&format, read_interactions(std::move(lines), format, column_choice(options), std::move(on_fault))};
}

}  // namespace cce
