// Lines of fields with a separator between them: csv, tsv and the like.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/raw/raw_lines.h"

namespace cce {

/// How fields are told apart.
struct FieldForm {
  std::string separator = ",";
  /// Whether a field that begins with a quote ends with one, with what it would otherwise end at (separators,
  /// line ends) in between, and a quote as two.
  bool quotes = true;
};

class DelimitedLines {
 public:
  /// The longest record that is read where quotes go over several lines, in bytes.
  static constexpr size_t kLongestRecord = size_t{1} << 20;
  /// The most fields of a record.
  static constexpr size_t kMostFields = 10'000;

  DelimitedLines(RawLines lines, FieldForm form, OnFault on_fault)
      : lines_(std::move(lines)), form_(std::move(form)), on_fault_(std::move(on_fault)) {}

  /// The fields of the next record, valid until the next call; false at the end. Empty lines are passed over,
  /// and so is, after it was handed to OnFault, a line whose quotes do not match or that has too many fields.
  bool next(std::vector<std::string_view>& fields);

  /// Where the record that was returned last begins: "log.csv:17".
  std::string place() const { return lines_.place(); }
  const std::string& name() const { return lines_.name(); }

 private:
  /// A field as a part of the record; `escaped` where two quotes in it stand for one.
  struct Part {
    size_t begin, end;
    bool escaped;
  };
  const char* split_plain(std::string_view line, std::vector<std::string_view>& fields) const;
  const char* split_quoted(std::string_view& record);
  const char* take_quoted(std::string_view& record, size_t& at);
  void give_parts(std::string_view record, std::vector<std::string_view>& fields);

  RawLines lines_;
  FieldForm form_;
  OnFault on_fault_;
  std::vector<Part> parts_;
  std::string unescaped_;  // the fields that are not as in the file
};

}  // namespace cce
