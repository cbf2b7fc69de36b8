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

/// What CLI11's reader makes of one line. It tells no line numbers, so it gets the lines one by one.
std::vector<CLI::ConfigItem> parse_line(const std::string& line, const std::string& place) {
  std::istringstream stream(line);
  try {
    return CLI::ConfigTOML().from_config(stream);
  } catch (const std::exception& problem) {
    fail_usage("{}: is not TOML: {}", place, problem.what());
  }
}

/// The option in a line; CLI11 gives more than one item for what does not belong here.
ConfigLine option_in(const std::vector<CLI::ConfigItem>& items, const std::string& place) {
  const CLI::ConfigItem& item = items.front();
  if (!item.parents.empty())
    fail_usage("{}: section [{}] is not expected", place, printable(item.parents.front()));
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
    const std::vector<CLI::ConfigItem> items = parse_line(line, place);
    if (!items.empty()) lines.push_back(option_in(items, place));
  }
  return lines;
}

}  // namespace cce
