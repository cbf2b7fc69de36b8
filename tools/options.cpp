#include "tools/options.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "engine/error.h"
#include "tools/artefact.h"
#include "tools/command_options.h"
#include "tools/completion.h"
#include "tools/data_options.h"

namespace cce {
namespace {

/// The word in a TOML value; a number is as it is.
std::string without_quotes(const std::string& value) {
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  return quoted ? value.substr(1, value.size() - 2) : value;
}

/// The options that decide what comes out of a run.
template <class Options>
std::map<std::string, std::string> decisive_options(Options options) {
  const std::vector<std::string> other = {"data",      "attributes", "init", "test-every-epoch", "device",
                                          "precision", "threads",    "out",  "tensorboard"};
  std::map<std::string, std::string> decisive, defaults;
  Options untouched;
  for (const Option& option : table_of(untouched).options) defaults[option.name] = option.value.get();
  for (const Option& option : table_of(options).options) {
    const bool decides = option.saved && std::ranges::find(other, option.name) == other.end();
    const bool left_out = option.later && option.value.get() == defaults.at(option.name);
    if (decides && !left_out) decisive[option.name] = option.value.get();
  }
  return decisive;
}

/// Reads the options; the text to print where the command is not to run. `resolve` checks and completes what
/// was read.
template <class Options, class Resolve>
std::optional<std::string> parse(Options& options, const OptionSources& sources, Resolve resolve) {
  const OptionTable table = table_of(options);
  const ReadOptions read = read_options(table, sources, option_names());
  if (read.help) return help_text(table);
  resolve(read);
  if (read.print_config) return to_toml(table);
  return std::nullopt;
}

/// Refuses what the chosen benchmark would not look at (but for --threads, which may be set for all
/// commands).
void require_bench_options(const BenchOptions& options) {
  const BenchOptions otherwise;
  const auto only_for = [&](const std::vector<std::string>& actions, const char* option, bool changed) {
    if (!changed || std::ranges::find(actions, options.action) != actions.end()) return;
    fail_usage("bench {}: takes no {}; bench {} does", options.action, option, fmt::join(actions, " or "));
  };
  only_for({"epoch"}, "--model", options.model != otherwise.model);
  only_for({"epoch"}, "--loss", options.loss != otherwise.loss);
  only_for({"epoch", "pretraining"}, "--data", options.data != otherwise.data);
  only_for({"ops", "epoch", "pretraining"}, "--repeats", options.repeats != otherwise.repeats);
  only_for({"gradients"}, "--picture", !options.picture.empty());
}

}  // namespace

std::optional<std::string> parse_options(TrainOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions&) { resolve_defaults(options); });
}

std::optional<std::string> parse_options(PretrainOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions&) { resolve_defaults(options); });
}

std::optional<std::string> parse_options(EvaluateOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions&) { resolve_defaults(options); });
}

std::optional<std::string> parse_options(RecommendOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions&) { resolve_defaults(options); });
}

std::optional<std::string> parse_options(SimilarOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions&) { resolve_defaults(options); });
}

std::optional<std::string> parse_options(DataOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions& read) {
    if (read.positional.empty())
      fail_usage("data: say what to do: list, get, stats, validate or prepare; see: cce_rec data --help");
    const std::string complaint =
        choice(options.action, {"list", "get", "stats", "validate", "prepare"}).set(read.positional.front());
    if (!complaint.empty()) fail_usage("data: {}", complaint);
    options.names.assign(read.positional.begin() + 1, read.positional.end());
    resolve_data_options(options);
  });
}

std::optional<std::string> parse_options(BenchOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions& read) {
    if (read.positional.size() != 1) {
      fail_usage("bench: say what to measure, for example: cce_rec bench epoch --data demo");
    }
    const std::string complaint =
        choice(options.action, {"ops", "epoch", "pretraining", "gradients"}).set(read.positional.front());
    if (!complaint.empty()) fail_usage("bench: {}", complaint);
    require_bench_options(options);
    resolve_defaults(options);
  });
}

std::optional<std::string> parse_options(CompareOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions& read) {
    if (read.positional.size() != 2) {
      fail_usage(
          "compare: name two run folders, for example: cce_rec compare runs/sasrec-bce-toys-42 "
          "runs/sasrec-cce-toys-42");
    }
    options.first = read.positional[0], options.second = read.positional[1];
  });
}

std::optional<std::string> parse_options(ReportOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions& read) {
    if (read.positional.empty()) {
      fail_usage("report: name one or more run folders, for example: cce_rec report runs/sasrec-cce-toys-42");
    }
    options.runs = read.positional;
  });
}

std::optional<std::string> parse_options(ReproduceOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions& read) {
    if (read.positional.size() != 1)
      fail_usage("reproduce: say what, for example: cce_rec reproduce table2 --data toys");
    const std::string complaint = choice(options.artefact, artefact_names()).set(read.positional.front());
    if (!complaint.empty()) fail_usage("reproduce: {}", complaint);
    if (!options.negatives.empty() && options.artefact != "losses")
      fail_usage("reproduce {}: takes no --negatives; reproduce losses does", options.artefact);
    if (!options.markdown.empty() && !options.markdown.ends_with(".md"))
      fail_usage("--markdown {}: expected a name that ends in .md; .tsv and .svg come beside it",
                 options.markdown);
    resolve_defaults(options);
  });
}

std::optional<std::string> parse_options(DevicesOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions&) { resolve_defaults(options); });
}

std::optional<std::string> parse_options(CompletionOptions& options, const OptionSources& sources) {
  return parse(options, sources, [&](const ReadOptions& read) {
    if (read.positional.size() != 1) fail_usage("completion: say for which shell: bash, fish or zsh");
    const std::string complaint = choice(options.shell, completion_shells()).set(read.positional.front());
    if (!complaint.empty()) fail_usage("completion: {}", complaint);
  });
}

std::optional<std::string> parse_options(ManualOptions& options, const OptionSources& sources) {
  return parse(options, sources, [](const ReadOptions&) {});
}

std::map<std::string, std::string> result_options(const TrainOptions& options) {
  return decisive_options(options);
}

std::map<std::string, std::string> result_options(const PretrainOptions& options) {
  return decisive_options(options);
}

std::map<std::string, std::string> defaults_of_later_options() {
  TrainOptions untouched;
  std::map<std::string, std::string> defaults;
  for (const Option& option : table_of(untouched).options) {
    if (option.later) defaults[option.name] = without_quotes(option.value.get());
  }
  return defaults;
}

void set_result_options(TrainOptions& options, const std::map<std::string, std::string>& saved,
                        const std::string& path) {
  const OptionTable table = table_of(options);
  for (const Option& option : table.options) {
    const auto entry = saved.find(option.name);
    if (entry == saved.end()) continue;
    const std::string complaint = option.value.set(without_quotes(entry->second));
    require(complaint.empty(), "{}: its option --{}: {}", path, option.name, complaint);
  }
}

std::string to_toml(const TrainOptions& options) {
  TrainOptions copy = options;
  return to_toml(table_of(copy));
}

std::string to_toml(const PretrainOptions& options) {
  PretrainOptions copy = options;
  return to_toml(table_of(copy));
}

}  // namespace cce
