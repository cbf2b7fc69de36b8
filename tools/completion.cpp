#include "tools/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/catalog.h"
#include "tools/command_options.h"

namespace cce {
namespace {

/// What may stand behind an option.
struct Values {
  bool any = false;                ///< whether it takes a value at all
  bool files = false;              ///< it may be a path
  std::vector<std::string> words;  ///< it may be one of these
};

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end; (end = text.find(separator, begin)) != std::string::npos; begin = end + separator.size())
    parts.push_back(text.substr(begin, end - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

std::vector<std::string> data_names() {
  std::vector<std::string> names;
  for (const NamedData& data : named_data()) names.emplace_back(data.name);
  return names;
}

/// Capitals stand for something ("N", "FILE"), all else for itself ("exclude|zero|keep").
Values values_of(const std::string& metavar) {
  Values values{.any = !metavar.empty()};
  for (const std::string& part : split(metavar, "|")) {
    const bool is_path = part == "RUN" || part == "PATH" || part == "DIR" || part.starts_with("FILE");
    values.files |= is_path;
    if (part == "NAME") values.words = data_names();
    if (metavar.find('|') == std::string::npos ? part >= "a" : !is_path && part != "NAME")
      values.words.push_back(part);
  }
  return values;
}

/// What a command does is the first word behind it: "list | get NAME..." has the actions list and get, and
/// "RUN RUN" has none.
std::vector<std::string> actions_of(const OptionTable& table) {
  std::vector<std::string> actions;
  if (table.positional.empty()) return actions;
  for (const std::string& form : split(table.positional, " | ")) {
    if (form >= "a") actions.push_back(form.substr(0, form.find(' ')));
  }
  return actions;
}

/// Whether paths may follow the command.
bool takes_paths(const OptionTable& table) {
  return table.positional.find("PATH") != std::string::npos || table.positional.starts_with("RUN");
}

/// The text with a backslash before each of these characters.
std::string escaped(const std::string& text, const std::string& characters) {
  std::string result;
  for (const char c : text) {
    if (characters.find(c) != std::string::npos) result += '\\';
    result += c;
  }
  return result;
}

/// Between single quotes, for any of the shells.
std::string in_quotes(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

std::string bash_script() {
  std::string commands, options, values;
  for_each_table([&](const OptionTable& table) {
    commands += table.command + " ";
    std::vector<std::string> words = actions_of(table);
    for (const Option& option : table.options) {
      words.push_back("--" + option.name);
      const Values known = values_of(option.value.metavar);
      if (!known.any) continue;
      values += fmt::format("    '{} --{}')", table.command, option.name);
      if (known.files) values += " compopt -o default;";
      values += fmt::format(" words='{}' ;;\n", fmt::join(known.words, " "));
    }
    options += fmt::format("        {}){} words='{} --help' ;;\n", table.command,
                           takes_paths(table) ? " compopt -o default;" : "", fmt::join(words, " "));
  });
  return fmt::format(R"(# Completion of cce_rec for bash: source <(cce_rec completion bash)
_cce_rec() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} words=
  if [ "$current" = = ]; then current=; fi
  if [ "$previous" = = ]; then previous=${{COMP_WORDS[COMP_CWORD - 2]}}; fi
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W '{}--help --version' -- "$current"))
    return
  fi
  case "${{COMP_WORDS[1]}} $previous" in
{}    *)
      case "${{COMP_WORDS[1]}}" in
{}      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -F _cce_rec cce_rec
)",
                     commands, values, options);
}

std::string zsh_script() {
  std::string commands, options;
  for_each_table([&](const OptionTable& table) {
    commands += fmt::format("    {}\n", in_quotes(table.command + ":" + escaped(table.description, ":")));
    options += fmt::format("    {}) _arguments \\\n", table.command);
    for (const Option& option : table.options) {
      const Values known = values_of(option.value.metavar);
      std::string spec = fmt::format("--{}[{}]", option.name, escaped(option.help, "[]:\\"));
      if (known.any) {
        spec += fmt::format(":{}:", escaped(option.value.metavar, ":"));
        const std::string words = fmt::format("{}", fmt::join(known.words, " "));
        if (known.files && !words.empty()) {
          spec += fmt::format("{{compadd -- {}; _files}}", words);
        } else {
          spec += known.files ? "_files" : words.empty() ? " " : fmt::format("({})", words);
        }
      }
      options += fmt::format("      {} \\\n", in_quotes(spec));
    }
    const std::vector<std::string> actions = actions_of(table);
    if (!actions.empty()) {
      options +=
          fmt::format("      {} \\\n", in_quotes(fmt::format("1:action:({})", fmt::join(actions, " "))));
    }
    if (takes_paths(table)) options += "      '*:path:_files' \\\n";
    options += "      '--help[print the help and exit]' ;;\n";
  });
  return fmt::format(R"(#compdef cce_rec
# Completion of cce_rec for zsh: source <(cce_rec completion zsh), or as _cce_rec in a folder of $fpath.
_cce_rec() {{
  local -a commands=(
{}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
{}  esac
}}
if [ "$funcstack[1]" = _cce_rec ]; then _cce_rec "$@"; else compdef _cce_rec cce_rec; fi
)",
                     commands, options);
}

std::string fish_script() {
  std::string script = "# Completion of cce_rec for fish: cce_rec completion fish | source\n";
  for_each_table([&](const OptionTable& table) {
    script += fmt::format("complete -c cce_rec -n __fish_use_subcommand -f -a {} -d {}\n", table.command,
                          in_quotes(table.description));
    const std::string within =
        fmt::format("complete -c cce_rec -n '__fish_seen_subcommand_from {}'", table.command);
    for (const std::string& action : actions_of(table)) script += fmt::format("{} -a {}\n", within, action);
    for (const Option& option : table.options) {
      const Values known = values_of(option.value.metavar);
      script += fmt::format("{} -l {}", within, option.name);
      if (known.any) script += known.files ? " -r -F" : " -x";
      if (!known.words.empty())
        script += fmt::format(" -a {}", in_quotes(fmt::format("{}", fmt::join(known.words, " "))));
      script += fmt::format(" -d {}\n", in_quotes(option.help));
    }
  });
  return script;
}

}  // namespace

std::vector<std::string> completion_shells() {
  return {"bash", "fish", "zsh"};
}

std::string completion_script(const std::string& shell) {
  return shell == "bash" ? bash_script() : shell == "zsh" ? zsh_script() : fish_script();
}

}  // namespace cce
