#include "data/raw/delimited_lines.h"

#include <fmt/format.h>

#include <algorithm>

namespace cce {
namespace {

constexpr const char* kTooMany = "has more than 10000 fields; is the separator right?";
constexpr const char* kNotClosed =
    "a quote that begins a field is not closed, here or behind; a quote within quotes is written twice";
static_assert(DelimitedLines::kMostFields == 10'000);

}  // namespace

bool DelimitedLines::next(std::vector<std::string_view>& fields) {
  std::string_view line;
  while (lines_.next(line)) {
    if (line.empty()) continue;
    const bool plain = !form_.quotes || line.find('"') == std::string_view::npos;
    const char* const problem = plain ? split_plain(line, fields) : split_quoted(line);
    if (problem == nullptr) {
      if (!plain) give_parts(line, fields);
      return true;
    }
    lines_.forget_extension();  // the quote may be the mistake, and what follows in order
    on_fault_(fmt::format("{}: {}", place(), problem));
  }
  return false;
}

/// What is wrong with the line, or null.
const char* DelimitedLines::split_plain(std::string_view line, std::vector<std::string_view>& fields) const {
  fields.clear();
  const std::string_view separator = form_.separator;
  for (size_t begin = 0;;) {
    if (fields.size() == kMostFields) return kTooMany;
    const size_t end =
        separator.size() == 1 ? line.find(separator.front(), begin) : line.find(separator, begin);
    fields.push_back(line.substr(begin, end - begin));
    if (end == std::string_view::npos) return nullptr;
    begin = end + separator.size();
  }
}

/// Finds the parts of a record, which grows to several lines where quotes go over them. What is wrong with
/// it, or null.
const char* DelimitedLines::split_quoted(std::string_view& record) {
  parts_.clear();
  for (size_t at = 0;;) {
    if (parts_.size() == kMostFields) return kTooMany;
    if (record.substr(at).starts_with('"')) {
      if (const char* const problem = take_quoted(record, at)) return problem;
    } else {
      const size_t end = std::min(record.find(form_.separator, at), record.size());
      parts_.push_back({at, end, false});
      at = end;
    }
    if (at == record.size()) return nullptr;
    at += form_.separator.size();
  }
}

/// The field whose quote is at `at`, which moves to what follows it: a separator, or the end.
const char* DelimitedLines::take_quoted(std::string_view& record, size_t& at) {
  Part part{at + 1, 0, false};
  for (size_t searched = part.begin;;) {
    const size_t quote = record.find('"', searched);
    if (quote == std::string_view::npos) {
      searched = record.size();
      if (record.size() > kLongestRecord || !lines_.extend(record)) return kNotClosed;
    } else if (record.substr(quote + 1).starts_with('"')) {
      part.escaped = true;
      searched = quote + 2;
    } else {
      part.end = quote, at = quote + 1;
      parts_.push_back(part);
      const bool ends = at == record.size() || record.substr(at).starts_with(form_.separator);
      return ends ? nullptr : "something follows a closing quote; a quote within quotes is written twice";
    }
  }
}

void DelimitedLines::give_parts(std::string_view record, std::vector<std::string_view>& fields) {
  fields.clear();
  unescaped_.clear();
  unescaped_.reserve(record.size());  // so that the fields stay where they are
  for (const Part& part : parts_) {
    const std::string_view field = record.substr(part.begin, part.end - part.begin);
    const size_t begin = unescaped_.size();
    for (size_t i = 0; part.escaped && i < field.size(); ++i) {
      unescaped_ += field[i];
      i += field[i] == '"';
    }
    fields.push_back(part.escaped ? std::string_view(unescaped_).substr(begin) : field);
  }
}

}  // namespace cce
