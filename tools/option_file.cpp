#include "tools/option_file.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <sstream>

#include "data/text.h"
#include "engine/error.h"
#include "tools/run_files.h"

namespace cce {
namespace {

/// `line` without blanks around it.
std::string_view trimmed(std::string_view line) {
  constexpr const char* kBlanks = " \t\r";
  const size_t begin = line.find_first_not_of(kBlanks);
  return begin == line.npos ? "" : line.substr(begin, line.find_last_not_of(kBlanks) + 1 - begin);
}

bool is_key(std::string_view key) {
  return std::ranges::all_of(key, [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

bool is_comment_or_nothing(std::string_view rest) {
  rest = trimmed(rest);
  return rest.empty() || rest.front() == '#';
}

/// What a TOML string stands for: nothing inside single quotes means anything but itself; between double ones
/// \" and \\ stand for " and \, and of TOML's other escapes an option has no need. None where it is no
/// string, or more follows than a comment.
std::optional<std::string> string_in(std::string_view value) {
  const char quote = value.front();
  std::string text;
  for (size_t at = 1; at < value.size(); ++at) {
    if (value[at] == quote)
      return is_comment_or_nothing(value.substr(at + 1)) ? std::optional(text) : std::nullopt;
    const bool escapes = quote == '"' && value[at] == '\\';
    if (escapes && ++at == value.size()) break;
    if (escapes && value[at] != '"' && value[at] != '\\') return std::nullopt;
    text += value[at];
  }
  return std::nullopt;
}

/// What stands behind the = of a line: a string, or a number or word; none where it is something else.
std::optional<std::string> value_in(std::string_view value) {
  if (value.front() == '"' || value.front() == '\'') return string_in(value);
  const size_t end = std::min(value.find_first_of(" \t#"), value.size());
  const std::string_view word = value.substr(0, end);
  if (word.find_first_of("\"'[]{},") != word.npos) return std::nullopt;
  return is_comment_or_nothing(value.substr(end)) ? std::optional(std::string(word)) : std::nullopt;
}

ConfigLine option_in(std::string_view line, const std::string& place) {
  const size_t equals = std::min(line.find('='), line.size());
  const std::string_view key = trimmed(line.substr(0, equals));
  const std::string_view given = trimmed(line.substr(std::min(equals + 1, line.size())));
  if (key.empty() || given.empty() || given.front() == '[' || given.front() == '#')
    fail_usage("{}: expected option = value, got \"{}\"", place, printable(line));
  if (!is_key(key))
    fail_usage("{}: expected the name of an option before =, got \"{}\"", place, printable(line));
  const auto value = value_in(given);
  if (!value) {
    fail_usage(
        "{}: {}: expected one number, word, \"string\" (with \\\" and \\\\ for \" and \\) or 'string', got "
        "{}",
        place, printable(key), printable(given));
  }
  return {std::string(key), *value, place};
}

}  // namespace

std::vector<ConfigLine> read_config(const std::string& path) {
  std::error_code error;
  require(std::filesystem::is_regular_file(path, error), "--config: no file {}", path);
  require(std::filesystem::file_size(path, error) <= most_bytes(RunFile::config),
          "--config: {} is too large for a configuration", path);
  std::istringstream text(read_text_file(path));
  std::vector<ConfigLine> lines;
  std::string line;
  for (int number = 1; std::getline(text, line); ++number) {
    const std::string place = fmt::format("{}:{}", path, number);
    const std::string_view content = trimmed(line);
    if (!is_comment_or_nothing(content)) lines.push_back(option_in(content, place));
  }
  return lines;
}

}  // namespace cce
