#include "tools/option_table.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <sstream>

#include "data/text.h"
#include "engine/error.h"
#include "tools/option_file.h"

namespace cce {
namespace {

constexpr std::string_view kVariablePrefix = "CCE_REC_";
/// The folder of the data sets: a variable of the data library, not the option --data.
constexpr std::string_view kDataFolderVariable = "CCE_REC_DATA";
/// Width of the help, and where the description of an option begins.
constexpr size_t kHelpColumns = 110, kHelpIndent = 40;

/// A value as it was written, and where.
struct Given {
  std::string text;
  std::string origin;
};
using GivenOptions = std::map<std::string, Given>;

std::vector<std::string> names_of(const OptionTable& table) {
  std::vector<std::string> names;
  for (const Option& option : table.options) names.push_back(option.name);
  return names;
}

/// `text` with line breaks instead of blanks where a line of the help would become too long.
std::string wrapped(const std::string& text) {
  std::string result;
  size_t column = 0;
  std::istringstream words(text);
  for (std::string word; words >> word; column += word.size() + 1) {
    const bool breaks = column > 0 && column + word.size() > kHelpColumns - kHelpIndent;
    if (breaks) column = 0;
    if (!result.empty()) result += breaks ? '\n' : ' ';
    result += word;
  }
  return result;
}

/// Declares the table's options to `app`, which is left to read the command line and to print the help.
void declare(const OptionTable& table, CLI::App& app) {
  app.set_help_flag();  // takes the one away that every App begins with, so that ours comes last
  for (const Option& option : table.options) {
    const std::string shown = shown_default(option);
    const std::string help =
        wrapped(shown.empty() ? option.help : fmt::format("{} [{}]", option.help, shown));
    CLI::Option* declared = option.value.metavar.empty()
                                ? app.add_flag("--" + option.name, help)
                                : app.add_option("--" + option.name, help)->option_text(option.value.metavar);
    declared->group(option.group)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  app.set_help_flag("-h,--help", "print this help and exit")->group("Help");
  app.allow_extras();
}

std::string without_dashes(const std::string& option) {
  return option.substr(std::min(option.find_first_not_of('-'), option.size()));
}

/// The option that `word` is most likely meant to be: the nearest, else the only one of which it is a part
/// ("epochs" of "pretrain-epochs"); "" if there is none.
std::string guess_of(const std::string& word, const std::vector<std::string>& names) {
  const std::string near = nearest(word, names);
  if (!near.empty()) return near;
  std::vector<std::string> longer;
  for (const std::string& name : names) {
    if (name.ends_with("-" + word) || name.starts_with(word + "-")) longer.push_back(name);
  }
  return longer.size() == 1 ? longer.front() : "";
}

/// Throws if there is something that the command does not take among the arguments which are no options of
/// its own.
void refuse_extras(const OptionTable& table, const std::vector<std::string>& extras) {
  for (const std::string& extra : extras) {
    if (extra.size() > 1 && extra.front() == '-') {
      const std::string option = extra.substr(0, extra.find('='));
      const std::string guess = guess_of(without_dashes(option), names_of(table));
      fail_usage("unknown option {}{}; see: cce_rec {} --help", printable(option),
                 guess.empty() ? "" : fmt::format(" (did you mean --{}?)", guess), table.command);
    }
    if (table.positional.empty()) {
      fail_usage("unexpected \"{}\": {} takes options only; see: cce_rec {} --help", printable(extra),
                 table.command, table.command);
    }
  }
}

/// Reads the arguments; what is no option of the table is left in read.positional, and must be allowed there.
GivenOptions read_command_line(const OptionTable& table, std::vector<std::string> arguments,
                               ReadOptions& read) {
  CLI::App app;
  declare(table, app);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    read.help = true;
    return {};
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string message = error.what();  // "--epochs: 1 required missing"
    fail_usage("{} needs a value; see: cce_rec {} --help", message.substr(0, message.find(':')),
               table.command);
  } catch (const CLI::ParseError& error) {
    fail_usage("{}; see: cce_rec {} --help", error.what(), table.command);
  }
  read.positional = app.remaining();
  refuse_extras(table, read.positional);
  GivenOptions given;
  for (const Option& option : table.options) {
    const CLI::Option* declared = app.get_option("--" + option.name);
    if (declared->count() > 1)
      fail_usage("--{} is given {} times; give it once", option.name, declared->count());
    if (declared->count() > 0) given[option.name] = {declared->results().back(), "--" + option.name};
  }
  return given;
}

GivenOptions read_environment(const OptionTable& table, const std::map<std::string, std::string>& environment,
                              const std::vector<std::string>& all_names) {
  std::vector<std::string> known;  // without the prefix, in which nothing can be misspelt
  for (const std::string& name : all_names) known.push_back(variable_of(name).substr(kVariablePrefix.size()));
  for (const auto& [variable, value] : environment) {
    const std::string own = variable.substr(kVariablePrefix.size());
    if (variable == kDataFolderVariable || std::count(known.begin(), known.end(), own) > 0) continue;
    const std::string guess = nearest(own, known);
    fail_usage("unknown environment variable {}{}", printable(variable),
               guess.empty() ? "" : fmt::format(" (did you mean {}{}?)", kVariablePrefix, guess));
  }
  GivenOptions given;
  for (const Option& option : table.options) {
    const std::string variable = variable_of(option.name);
    if (variable == kDataFolderVariable) continue;
    if (const auto found = environment.find(variable); found != environment.end()) {
      given[option.name] = {found->second, variable};
    }
  }
  return given;
}

GivenOptions read_file(const OptionTable& table, const std::string& path) {
  const std::vector<std::string> known = names_of(table);
  GivenOptions given;
  for (const ConfigLine& line : read_config(path)) {
    if (std::count(known.begin(), known.end(), line.key) == 0) {
      const std::string guess = guess_of(line.key, known);
      fail_usage("{}: unknown key \"{}\"{}", line.place, printable(line.key),
                 guess.empty() ? "" : fmt::format(" (did you mean {}?)", guess));
    }
    const Given value{line.value, fmt::format("{}: {}", line.place, line.key)};
    const auto [before, is_new] = given.emplace(line.key, value);
    if (!is_new) fail_usage("{} is given twice, first in {}", value.origin, before->second.origin);
  }
  return given;
}

/// CLI11's help, but for the usage line.
class Formatter : public CLI::Formatter {
 public:
  explicit Formatter(const OptionTable& table)
      : usage_(fmt::format("Usage: cce_rec {} [options]", table.command)) {
    if (!table.positional.empty())
      usage_ = fmt::format("Usage: cce_rec {} {}", table.command, table.positional);
    column_width(kHelpIndent);
  }
  std::string make_usage(const CLI::App*, std::string) const override { return usage_ + "\n"; }

 private:
  std::string usage_;
};

void set(const Option& option, const Given& given) {
  const std::string complaint = option.value.set(given.text);
  if (!complaint.empty()) fail_usage("{}: {}", given.origin, complaint);
}

}  // namespace

std::string shown_default(const Option& option) {
  if (!option.default_text.empty()) return option.default_text;
  const std::string value = option.value.get();
  if (option.value.metavar.empty() || value == "\"\"") return "";
  return value.front() == '"' ? value.substr(1, value.size() - 2) : value;
}

OptionTable with_config(OptionTable table, std::string& path, bool& print) {
  if (!table.configurable) return table;
  table.options.push_back({.name = "config",
                           .group = "Configuration",
                           .value = text(path, "FILE.toml"),
                           .help = "read options that are not given otherwise from this file",
                           .saved = false});
  table.options.push_back({.name = "print-config",
                           .group = "Configuration",
                           .value = flag(print),
                           .help = "print every option as resolved, as such a file, and exit",
                           .saved = false});
  return table;
}

std::string variable_of(const std::string& option) {
  std::string variable(kVariablePrefix);
  for (const char c : option) variable += c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return variable;
}

std::map<std::string, std::string> option_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view assignment = *entry;
    const size_t equals = assignment.find('=');
    if (!assignment.starts_with(kVariablePrefix) || equals == std::string_view::npos) continue;
    variables.emplace(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  return variables;
}

ReadOptions read_options(const OptionTable& plain, const OptionSources& sources,
                         const std::vector<std::string>& all_names) {
  ReadOptions read;
  std::string config;
  const OptionTable table = with_config(plain, config, read.print_config);
  GivenOptions given = read_command_line(table, sources.arguments, read);
  if (read.help) return read;
  given.merge(read_environment(table, sources.environment, all_names));
  if (const auto found = given.find("config"); found != given.end()) {
    given.merge(read_file(plain, found->second.text));
  }
  for (const Option& option : table.options) {
    if (const auto found = given.find(option.name); found != given.end()) set(option, found->second);
  }
  return read;
}

std::string help_text(const OptionTable& plain) {
  std::string config;
  bool print = false;
  const OptionTable table = with_config(plain, config, print);
  CLI::App app(table.description);
  declare(table, app);
  app.formatter(std::make_shared<Formatter>(table));
  app.footer(table.footer);
  std::string help = app.help();
  for (size_t at; (at = help.find("\n\n\n")) != std::string::npos;) help.erase(at, 1);
  return help;
}

std::string to_toml(const OptionTable& table) {
  std::string toml;
  for (const Option& option : table.options) {
    const std::string value = option.value.get();
    const bool unset = value == "\"\"" || value == fmt::format("{}", kUnset);  // neither could be read back
    if (option.saved && !unset) toml += fmt::format("{} = {}\n", option.name, value);
  }
  return toml;
}

}  // namespace cce
