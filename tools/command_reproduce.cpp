// cce_rec reproduce: trains what the paper's Table 2 consists of, and says how the numbers compare.
//
// A cell of the table is an ordinary run in a folder of its own, trained by this program in a process of its
// own: what is finished is kept, what was interrupted goes on, and a cell that fails leaves the others alone.
// Cells with one thread each, side by side, take less time than one after the other with all threads.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "tools/child_processes.h"
#include "tools/command.h"
#include "tools/counted.h"
#include "tools/durable_file.h"
#include "tools/folder_lock.h"
#include "tools/run_files.h"
#include "tools/signals.h"
#include "tools/stopwatch.h"
#include "tools/table2.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    words.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

/// The names chosen from a list such as "toys,beauty"; all where none is given. Wrong use if one is unknown.
std::vector<std::string> chosen(const std::string& option, const std::string& list,
                                const std::vector<std::string>& known) {
  if (list.empty()) return known;
  for (const std::string& word : words_of(list)) {
    if (std::ranges::find(known, word) == known.end()) {
      fail_usage("--{} {}: expected names out of {}, with commas between them", option, word,
                 fmt::join(known, ", "));
    }
  }
  return words_of(list);
}

std::vector<uint64_t> seeds_of(const std::string& list) {
  std::vector<uint64_t> seeds;
  for (const std::string& word : words_of(list)) {
    uint64_t seed = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seed);
    if (error != std::errc() || end != word.data() + word.size() || word.empty()) {
      fail_usage("--seeds {}: expected whole numbers with commas between them", list);
    }
    if (std::ranges::find(seeds, seed) == seeds.end()) seeds.push_back(seed);
  }
  return seeds;
}

std::vector<Cell> chosen_cells(const ReproduceOptions& options) {
  const auto data = chosen("data", options.data, {"beauty", "sports", "toys", "yelp", "lastfm"});
  const auto models = chosen("model", options.model, {"gru4rec", "sasrec", "s3rec"});
  const auto losses = chosen("loss", options.loss, {"bce", "ce", "cce"});
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  };
  std::vector<Cell> cells;
  for (const Cell& cell : table2_cells()) {
    if (has(data, cell.data) && has(models, cell.model) && has(losses, cell.loss)) cells.push_back(cell);
  }
  return cells;
}

bool is_finished(const fs::path& run) {
  return fs::exists(run / file_name(RunFile::result));
}

/// What has to be called for the cells. S3-Rec's pre-trainings come before what needs them. Finished runs are
/// called, too: they end at once, or say that they were made with other options.
std::vector<ChildCommand> commands_for(const std::vector<Cell>& cells, const std::vector<uint64_t>& seeds,
                                       const fs::path& folder) {
  std::vector<ChildCommand> commands;
  const auto add = [&](const std::string& name, const std::vector<std::string>& arguments, int after) {
    commands.push_back({name, arguments, folder / (name + ".log"), after});
    return static_cast<int>(commands.size()) - 1;
  };
  std::map<std::string, int> pretrainings;
  for (const uint64_t seed : seeds) {
    for (const Cell& cell : cells) {
      int after = -1;
      const bool finished = is_finished(folder / run_name(cell, seed));
      if (cell.model == "s3rec" && !finished) {
        const std::string name = pretraining_name(cell.data, seed);
        const auto [known, is_new] = pretrainings.try_emplace(name, 0);
        if (is_new) known->second = add(name, pretraining_arguments(cell.data, seed, folder), -1);
        after = known->second;
      }
      add(run_name(cell, seed), training_arguments(cell, seed, folder), after);
    }
  }
  return commands;
}

std::string last_line(const fs::path& file) {
  std::string text = read_file(file, uint64_t{1} << 30);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

ExitCode train_cells(const std::vector<ChildCommand>& commands, int at_once) {
  const Stopwatch watch;
  size_t done = 0;
  const auto say = [&](size_t i, const std::string& what) {
    fmt::print("{:>4}/{}  {:>6.0f} s  {}: {}\n", done, commands.size(), watch.seconds(), commands[i].name,
               what);
    std::fflush(stdout);
  };
  return run_children(
      commands, at_once, [&](size_t i) { say(i, "started, output in " + commands[i].log.string()); },
      [&](size_t i, int code) {
        ++done;
        say(i, code == 0 ? "done" : fmt::format("exit code {}: {}", code, last_line(commands[i].log)));
      });
}

}  // namespace

ExitCode command_reproduce(const ReproduceOptions& options) {
  const std::vector<Cell> cells = chosen_cells(options);
  const std::vector<uint64_t> seeds = seeds_of(options.seeds);
  const fs::path folder = fs::absolute(options.out).lexically_normal();
  if (options.no_training && !fs::is_directory(folder)) {
    fail("{}: no such folder, so there are no runs to make a table of", folder.string());
  }
  fs::create_directories(folder);
  const FolderLock lock(folder);

  ExitCode code = ExitCode::done;
  const std::vector<ChildCommand> commands = commands_for(cells, seeds, folder);
  if (!options.no_training) {
    const StopSignals signals;
    fmt::print("{} with {}, {} at a time, in {}\n", counted(std::ssize(cells), "cell"),
               counted(std::ssize(seeds), "seed"), options.at_once, folder.string());
    code = train_cells(commands, options.at_once);
    fmt::print("\n");
  }

  std::vector<CellRuns> table;
  for (const Cell& cell : cells) table.push_back(read_runs(cell, seeds, folder));
  fmt::print("{}", table2_text(table));
  const ChildCommand& example = commands.back();
  fmt::print("\nAny run again, for example {}:\n  cce_rec {}\n", example.name,
             fmt::join(example.arguments, " "));
  if (!options.markdown.empty()) {
    write_durably(options.markdown, table2_markdown(table));
    fmt::print("written: {}\n", options.markdown);
  }
  return code;
}

}  // namespace cce
