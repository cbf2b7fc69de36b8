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

/// What a command does is the first word behind it.
struct Action {
  std::string word;
  bool names = false;  ///< whether names of data sets may follow
  bool paths = false;
};

/// "list | get NAME..." has the actions list and get, and "RUN RUN" has none.
std::vector<Action> actions_of(const OptionTable& table) {
  std::vector<Action> actions;
  if (table.positional.empty()) return actions;
  for (const std::string& form : split(table.positional, " | ")) {
    const auto has = [&](const char* word) { return form.find(word) != std::string::npos; };
    if (form >= "a") actions.push_back({form.substr(0, form.find(' ')), has("NAME"), has("PATH")});
  }
  return actions;
}

/// "list get stats".
std::string words_of(const std::vector<Action>& actions) {
  std::vector<std::string> words;
  for (const Action& action : actions) words.push_back(action.word);
  return fmt::format("{}", fmt::join(words, " "));
}

/// Whether folders of runs may follow the command.
bool takes_runs(const OptionTable& table) {
  return table.positional.starts_with("RUN");
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

/// Between single quotes, for any of the shells; line feeds, which shells would show as lines of their own,
/// become blanks.
std::string in_quotes(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c == '\n' ? ' ' : c);
  return result + "'";
}

/// Puts the actions before the words that bash offers, or behind one what may follow it.
std::string bash_actions(const std::vector<Action>& actions) {
  if (actions.empty()) return "";
  std::string cases = fmt::format("            '2 '*) words=\"{} $words\" ;;\n", words_of(actions));
  for (const Action& action : actions) {
    if (!action.names && !action.paths) continue;
    cases += fmt::format("            *' {}')", action.word);
    if (action.paths) cases += " compopt -o default;";
    if (action.names) cases += fmt::format(" words=\"{} $words\"", fmt::join(data_names(), " "));
    cases += " ;;\n";
  }
  return fmt::format("\n          case \"$COMP_CWORD ${{COMP_WORDS[2]}}\" in\n{}          esac", cases);
}

std::string bash_script() {
  std::string commands, options, values;
  for_each_table([&](const OptionTable& table) {
    commands += table.command + " ";
    std::vector<std::string> words;
    for (const Option& option : table.options) {
      words.push_back("--" + option.name);
      const Values known = values_of(option.value.metavar);
      if (!known.any) continue;
      values += fmt::format("    '{} --{}')", table.command, option.name);
      if (known.files) values += " compopt -o default;";
      values += fmt::format(" words='{}' ;;\n", fmt::join(known.words, " "));
    }
    words.emplace_back("--help");
    options += fmt::format("        {}){} words='{}'{} ;;\n", table.command,
                           takes_runs(table) ? " compopt -o default;" : "", fmt::join(words, " "),
                           bash_actions(actions_of(table)));
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

/// The specifications of the action, and of what may follow it.
std::string zsh_actions(const std::vector<Action>& actions) {
  if (actions.empty()) return "";
  std::string cases;
  for (const Action& action : actions) {
    if (!action.names && !action.paths) continue;
    cases += action.word + ")";
    if (action.names) cases += fmt::format(" compadd -- {};", fmt::join(data_names(), " "));
    cases += action.paths ? " _files ;; " : "; ";
  }
  std::string specs =
      fmt::format("      {} \\\n", in_quotes(fmt::format("1:action:({})", words_of(actions))));
  if (!cases.empty())
    specs +=
        fmt::format("      {} \\\n", in_quotes(fmt::format("*:data:{{case $words[2] in {}esac}}", cases)));
  return specs;
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
    options += zsh_actions(actions_of(table));
    if (takes_runs(table)) options += "      '*:path:_files' \\\n";
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

/// The actions where there is none yet, and behind one what may follow it. What takes no paths is offered no
/// files (-f).
std::string fish_actions(const std::string& command, const std::vector<Action>& actions) {
  const std::string words = words_of(actions);
  std::string lines;
  const auto add = [&](const std::string& condition, const std::string& rest) {
    lines += fmt::format("complete -c cce_rec -n '__fish_seen_subcommand_from {}; and {}'{}\n", command,
                         condition, rest);
  };
  for (const Action& action : actions) {
    add("not __fish_seen_subcommand_from " + words, " -f -a " + action.word);
    const std::string names = fmt::format(" -a '{}'", fmt::join(data_names(), " "));
    const std::string rest = (action.paths ? "" : " -f") + (action.names ? names : "");
    if (!rest.empty()) add("__fish_seen_subcommand_from " + action.word, rest);
  }
  return lines;
}

std::string fish_script() {
  std::string script = "# Completion of cce_rec for fish: cce_rec completion fish | source\n";
  for_each_table([&](const OptionTable& table) {
    script += fmt::format("complete -c cce_rec -n __fish_use_subcommand -f -a {} -d {}\n", table.command,
                          in_quotes(table.description));
    const std::string within =
        fmt::format("complete -c cce_rec -n '__fish_seen_subcommand_from {}'", table.command);
    script += fish_actions(table.command, actions_of(table));
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
