// The mechanism behind options.h: options described as data, and read from command line, environment and TOML
// file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tools/option_value.h"

namespace cce {

struct Option {
  std::string name;   ///< "batch-size": --batch-size, CCE_REC_BATCH_SIZE and batch-size = 256
  std::string group;  ///< its heading in the help
  OptionValue value;
  std::string help;
  /// What the help shows as default; empty: the variable's value.
  std::string default_text = "";
  /// Whether it is part of a run (of what to_toml() writes), as opposed to how the program is called.
  bool saved = true;
  /// Whether checkpoints say it only if it is not at its default, as for an option that came when there were
  /// runs already: these are still runs with the same options, and go on. Not for an option whose default
  /// follows from others.
  bool later = false;
};

struct OptionTable {
  std::string command;
  std::string description;
  std::vector<Option> options;
  /// What may follow the command without a name; empty: nothing. Where the first word says what to do, a form
  /// for each, as completion.cpp reads them: "list | get NAME... | stats NAME|PATH...".
  std::string positional = "";
  /// Whether --config and --print-config belong to it.
  bool configurable = false;
  /// What stands below the options in the help.
  std::string footer = "";
};

/// Where options come from.
struct OptionSources {
  std::vector<std::string> arguments;              ///< after the command's name
  std::map<std::string, std::string> environment;  ///< the variables that begin with CCE_REC_
};

/// The CCE_REC_ variables of this process.
std::map<std::string, std::string> option_environment();
/// The environment variable of an option: "CCE_REC_BATCH_SIZE".
std::string variable_of(const std::string& option);

struct ReadOptions {
  bool help = false;
  bool print_config = false;
  std::vector<std::string> positional;
};
/// Sets the variables of `table` from `sources`: command line over environment over the file named by
/// --config. Refuses what is not in the table, naming the nearest that is; variables of other commands
/// (`all_names`) are no error.
ReadOptions read_options(const OptionTable& table, const OptionSources& sources,
                         const std::vector<std::string>& all_names);

/// The table with --config and --print-config, where they belong to it; these refer to `path` and `print`.
OptionTable with_config(OptionTable table, std::string& path, bool& print);
/// What the help shows as the option's default; "" for nothing.
std::string shown_default(const Option& option);

std::string help_text(const OptionTable& table);
std::string to_toml(const OptionTable& table);

}  // namespace cce
