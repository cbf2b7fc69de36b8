// What the tests of raw formats need: files in memory, and their interactions as texts.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/raw/raw_format.h"
#include "tests/data/files.h"

namespace cce::testing {

using Texts = std::vector<std::string>;

/// The lines of a file called log.csv. `bytes` must outlive them.
inline RawLines raw_lines(std::string_view bytes) {
  return {unpacked(std::make_unique<MemoryBytes>(bytes), "log.csv"), "log.csv"};
}

/// What was read of a file: "user|item|time" of each interaction, and its faults.
struct RawFile {
  std::string format;
  Texts interactions;
  Texts faults;
  bool has_times = false;
};

/// Reads a file whose format its first line tells, or that of this name.
inline RawFile read_raw(std::string_view bytes, const ColumnChoice& choice = {},
                        const std::string& format_name = "") {
  RawFile file;
  RawLines lines = raw_lines(bytes);
  const RawFormat& format =
      format_name.empty() ? sniff_raw_format(first_line(lines), "log.csv") : *find_raw_format(format_name);
  file.format = format.name;
  const auto reader = read_interactions(std::move(lines), format, choice,
                                        [&](const std::string& fault) { file.faults.push_back(fault); });
  for (Interaction next; reader->next(next);) {
    std::string text = fmt::format("{}|{}", next.user, next.item);
    if (reader->has_times()) text += fmt::format("|{}", next.time);
    if (choice.wants_rating) text += fmt::format("|{}", next.rating);
    file.interactions.push_back(text);
  }
  file.has_times = reader->has_times();
  return file;
}

}  // namespace cce::testing
