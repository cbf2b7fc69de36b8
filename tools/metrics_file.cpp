#include "tools/metrics_file.h"

#include <fmt/format.h>

#include "tools/durable_file.h"
#include "tools/run_files.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  return fs::exists(path) ? read_file(path, most_bytes(RunFile::metrics)) : "";
}

/// Calls use(line without its line feed, its place for messages) for every whole line.
template <class Use>
void for_each_line(std::string_view text, const fs::path& path, Use use) {
  for (int64_t line = 1;; ++line) {
    const size_t length = text.find('\n');
    if (length == text.npos) return;
    use(text.substr(0, length), fmt::format("{}:{}", path.string(), line));
    text.remove_prefix(length + 1);
  }
}

template <class Record>
std::vector<Record> read_records(const fs::path& path,
                                 Record (*parse)(std::string_view, const std::string&)) {
  std::vector<Record> records;
  for_each_line(text_of(path), path, [&](std::string_view line, const std::string& place) {
    records.push_back(parse(line, place));
  });
  return records;
}

}  // namespace

std::vector<EpochRecord> read_metrics(const fs::path& path) {
  return read_records(path, parse_epoch_record);
}

std::vector<PretrainingRecord> read_pretraining_metrics(const fs::path& path) {
  return read_records(path, parse_pretraining_record);
}

int64_t count_epochs(const fs::path& path) {
  int64_t epochs = 0;
  for_each_line(text_of(path), path, [&](std::string_view, const std::string&) { ++epochs; });
  return epochs;
}

KeptRecords cut_back_to(const fs::path& path, int64_t epoch) {
  const std::string text = text_of(path);
  KeptRecords kept;
  int64_t last = 0;
  for_each_line(text, path, [&](std::string_view line, const std::string& place) {
    const int64_t of = epoch_of_record(line, place);
    if (of <= last || of > epoch) return;
    last = of;
    ++kept.epochs;
    kept.lines.append(line).append("\n");
  });
  if (kept.lines != text) write_durably(path, kept.lines);
  return kept;
}

}  // namespace cce
