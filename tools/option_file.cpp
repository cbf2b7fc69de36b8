#include "tools/option_file.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <sstream>

#include "data/text.h"
#include "engine/error.h"

namespace cce {
namespace {

/// A configuration is a screenful; what is larger than this is not one.
constexpr uintmax_t kLargestConfig = 1 << 20;

/// `line` without blanks around it.
std::string trimmed(const std::string& line) {
  constexpr const char* kBlanks = " \t\r";
  const size_t begin = line.find_first_not_of(kBlanks);
  return begin == line.npos ? "" : line.substr(begin, line.find_last_not_of(kBlanks) + 1 - begin);
}

/// Refuses what CLI11's reader would make an option of although it is none: given `lr = [0.001` it cuts off
/// the last digit, and a word alone becomes `word = true`.
void require_option(const std::string& line, const std::string& place) {
  const auto refuse = [&] { fail_usage("{}: expected option = value, got \"{}\"", place, printable(line)); };
  const size_t equals = line.find('=');
  if (equals == line.npos) refuse();
  const std::string key = trimmed(line.substr(0, equals)), value = trimmed(line.substr(equals + 1));
  if (key.empty() || value.empty() || value.front() == '[' || value.front() == '#') refuse();
}

/// What CLI11's reader makes of one line. It tells no line numbers, so it gets the lines one by one.
std::vector<CLI::ConfigItem> parse_line(const std::string& line, const std::string& place) {
  std::istringstream stream(line);
  try {
    return CLI::ConfigTOML().from_config(stream);
  } catch (const std::exception& problem) {
    fail_usage("{}: is not TOML: {}", place, problem.what());
  }
}

/// The option in a line. CLI11 gives more than one item, or an item with parents, for a key with dots.
ConfigLine option_in(const std::string& line, const std::string& place) {
  const std::vector<CLI::ConfigItem> items = parse_line(line, place);
  if (items.size() != 1 || !items.front().parents.empty()) {
    fail_usage("{}: expected the name of an option before =, got \"{}\"", place, printable(line));
  }
  const CLI::ConfigItem& item = items.front();
  const bool plain = item.inputs.size() == 1 && item.inputs.front().find_first_of("\"'") != 0;
  if (!plain) fail_usage("{}: {}: expected one value, without # inside it", place, printable(item.name));
  return {item.name, item.inputs.front(), place};
}

}  // namespace

std::vector<ConfigLine> read_config(const std::string& path) {
  std::error_code error;
  require(std::filesystem::is_regular_file(path, error), "--config: no file {}", path);
  require(std::filesystem::file_size(path, error) <= kLargestConfig,
          "--config: {} is too large for a configuration", path);
  std::istringstream text(read_text_file(path));
  std::vector<ConfigLine> lines;
  std::string line;
  for (int number = 1; std::getline(text, line); ++number) {
    const std::string place = fmt::format("{}:{}", path, number);
    const std::string content = trimmed(line);
    if (content.empty() || content.front() == '#') continue;
    require_option(content, place);
    lines.push_back(option_in(content, place));
  }
  return lines;
}

}  // namespace cce
