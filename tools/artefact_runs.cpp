#include "tools/artefact_runs.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>

#include "data/catalog.h"
#include "tools/checksum.h"
#include "tools/child_processes.h"
#include "tools/counted.h"
#include "tools/durable_file.h"
#include "tools/run_files.h"
#include "tools/saved_evaluation.h"
#include "tools/signals.h"
#include "tools/stopwatch.h"

namespace cce {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxEvaluationBytes = uint64_t{64} << 20;
constexpr int64_t kLongestLine = 4096;

std::vector<std::string> with_folder(std::vector<std::string> arguments, const fs::path& run) {
  for (const std::string& word :
       {std::string("--out"), run.string(), std::string("--resume"), std::string("--quiet")}) {
    arguments.push_back(word);
  }
  return arguments;
}

std::vector<std::string> evaluation_command(const PlannedEvaluation& evaluation, const fs::path& folder) {
  std::vector<std::string> arguments = {"evaluate",
                                        "--checkpoint",
                                        (folder / name(evaluation.run)).string(),
                                        "--data",
                                        evaluation.run.cell.data,
                                        "--threads",
                                        "1",
                                        "--device",
                                        evaluation.run.device,
                                        "--save",
                                        evaluation_path(evaluation, folder).string()};
  arguments.insert(arguments.end(), evaluation.options.begin(), evaluation.options.end());
  return arguments;
}

/// What has to be called, in its order.
class Commands {
 public:
  explicit Commands(const fs::path& folder) : folder_(folder) {}

  /// S3-Rec's pre-training comes before the runs that share it.
  void add_training(const PlannedRun& run) {
    int after = -1;
    if (run.cell.model == "s3rec") {
      const std::string pretraining = pretraining_name(run);
      if (!index_of_.contains(pretraining))
        add(pretraining, with_folder(pretraining_arguments(run), folder_ / pretraining), -1);
      after = index_of_[pretraining];
    }
    add(name(run), training_command(run, folder_), after);
  }

  void add_evaluation(const PlannedEvaluation& evaluation) {
    const auto training = index_of_.find(name(evaluation.run));
    fs::remove(evaluation_path(evaluation, folder_));  // one of an earlier training
    add(evaluation_path(evaluation, "").stem().string(), evaluation_command(evaluation, folder_),
        training == index_of_.end() ? -1 : training->second);
  }

  bool trains(const PlannedRun& run) const { return index_of_.contains(name(run)); }
  const std::vector<ChildCommand>& all() const { return commands_; }

 private:
  void add(const std::string& name, const std::vector<std::string>& arguments, int after) {
    index_of_[name] = static_cast<int>(commands_.size());
    commands_.push_back({name, arguments, folder_ / "logs" / (name + ".log"), after});
  }

  fs::path folder_;
  std::vector<ChildCommand> commands_;
  std::map<std::string, int> index_of_;
};

/// Data sets of the paper from the one that is trained on soonest, so that most of a table is there early.
constexpr std::array kOrderOfWork = {"toys", "beauty", "lastfm", "sports", "yelp"};

/// Whether it goes on from a state of its own, and needs its pre-training no more.
bool has_begun(const PlannedRun& run, const fs::path& folder) {
  return fs::exists(folder / name(run) / file_name(RunFile::resume));
}

/// Whether nothing but the result is left of a finished run, as of those kept in docs/results: said, with
/// what its weights are missing for.
bool lacks_weights(const fs::path& run, const std::string& what_for) {
  const auto has = [&](RunFile file) { return fs::exists(run / file_name(file)); };
  if (!has(RunFile::result) || has(RunFile::best) || has(RunFile::last)) return false;
  fmt::print("{}: has a result, but no weights for {}; remove it, and it is trained again\n", run.string(),
             what_for);
  return true;
}

std::vector<PlannedRun> in_order_of_work(std::vector<PlannedRun> runs) {
  std::ranges::stable_sort(runs, {}, [](const PlannedRun& run) {
    return std::ranges::find(kOrderOfWork, run.cell.data) - kOrderOfWork.begin();
  });
  return runs;
}

/// Which of the runs' data sets can be read. What is not on this machine is downloaded here, once, and not by
/// several runs at the same time.
class DataAtHand {
 public:
  bool has(const PlannedRun& run) {
    const bool pretrained = run.cell.model == "s3rec";
    const std::string what = run.cell.data + (pretrained ? " with its attributes" : "");
    const auto [entry, is_new] = known_.try_emplace(what, true);
    if (is_new) {
      try {
        const Dataset dataset = load_dataset(run.cell.data);
        if (pretrained) load_attributes(run.cell.data, dataset);
      } catch (const Error& error) {
        entry->second = false;
        fmt::print("nothing is run on {}: {}\n", what, error.what());
      }
    }
    return entry->second;
  }
  bool all() const {
    return std::ranges::all_of(known_, [](const auto& entry) { return entry.second; });
  }

 private:
  std::map<std::string, bool> known_;
};

/// The end of a log, for a line on how far a command is: "" where it cannot be read, which is no reason to
/// stop anything.
std::string last_line(const fs::path& file) {
  std::ifstream log(file, std::ios::binary);
  log.seekg(0, std::ios::end);
  const int64_t size = log.tellg(), begin = std::max<int64_t>(0, size - kLongestLine);
  if (!log || size <= 0) return "";
  std::string text(static_cast<size_t>(size - begin), '\0');
  log.seekg(begin);
  log.read(text.data(), std::ssize(text));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

/// Runs them, and tells of each when it begins and ends, and now and then how far it is; at the end, which
/// ones failed.
ExitCode run_commands(const std::vector<ChildCommand>& commands, int at_once) {
  const Stopwatch watch;
  size_t ended = 0;
  std::vector<std::string> failed;
  std::vector<double> begun(commands.size());
  const auto say = [&](size_t i, const std::string& what) {
    fmt::print("{:>4}/{}  {:>6.0f} s  {}: {}\n", ended, commands.size(), watch.seconds(), commands[i].name,
               what);
    std::fflush(stdout);
  };
  const ChildWatcher watcher{
      .started =
          [&](size_t i) {
            begun[i] = watch.seconds();
            say(i, "started, output in " + commands[i].log.string());
          },
      .ended =
          [&](size_t i, int code) {
            ++ended;
            if (code == 0) return say(i, fmt::format("done in {:.0f} s", watch.seconds() - begun[i]));
            failed.push_back(commands[i].name);
            if (code != kNotRun)
              return say(i, fmt::format("exit code {}: {}", code, last_line(commands[i].log)));
            const std::string& before = commands[static_cast<size_t>(commands[i].after)].name;
            say(i, fmt::format("not run, since {} failed", before));
          },
      .at_work = [&](size_t i) { say(i, last_line(commands[i].log)); },
  };
  const ExitCode code = run_children(commands, at_once, watcher);
  if (code == ExitCode::failed)
    fmt::print("{} of {} failed: {}\n", failed.size(), counted(std::ssize(commands), "run"),
               fmt::join(failed, ", "));
  return code;
}

}  // namespace

std::vector<std::string> training_command(const PlannedRun& run, const fs::path& folder) {
  return with_folder(training_arguments(run), folder / name(run));
}

std::string command_to_repeat(const PlannedRun& run) {
  return fmt::format("./cce_rec {} --out again/{}", fmt::join(training_arguments(run), " "), name(run));
}

std::string command_to_repeat_pretraining(const PlannedRun& run) {
  return fmt::format("./cce_rec {} --out again/{}", fmt::join(pretraining_arguments(run), " "),
                     pretraining_name(run));
}

ExitCode make_runs(const ArtefactPlan& plan, const fs::path& folder, int at_once, bool train) {
  Commands commands(folder);
  DataAtHand data;
  int64_t finished = 0;
  bool complete = true;
  for (const PlannedRun& run : in_order_of_work(plan.runs)) {
    if (is_finished(run, folder)) {
      ++finished;
    } else if (train && data.has(run)) {
      if (run.cell.model == "s3rec" && !has_begun(run, folder) &&
          lacks_weights(folder / pretraining_name(run), name(run))) {
        complete = false;
      } else {
        commands.add_training(run);
      }
    }
  }
  for (const PlannedEvaluation& evaluation : plan.evaluations) {
    const bool trained = is_finished(evaluation.run, folder);
    if (read_evaluation(evaluation, folder) || !(trained || commands.trains(evaluation.run)) ||
        !data.has(evaluation.run))
      continue;
    if (trained && lacks_weights(folder / name(evaluation.run), evaluation.name)) {
      complete = false;
    } else {
      commands.add_evaluation(evaluation);
    }
  }
  fmt::print("{}, {} of them finished before, in {}\n", counted(std::ssize(plan.runs), "run"), finished,
             folder.string());
  complete = complete && data.all();
  if (commands.all().empty()) return complete ? ExitCode::done : ExitCode::failed;
  fs::create_directories(folder / "logs");
  fs::create_directories(folder / "evaluations");
  const StopSignals signals;
  const ExitCode code = run_commands(commands.all(), at_once);
  return code == ExitCode::done && !complete ? ExitCode::failed : code;
}

fs::path evaluation_path(const PlannedEvaluation& evaluation, const fs::path& folder) {
  return folder / "evaluations" / fmt::format("{}.{}.json", name(evaluation.run), evaluation.name);
}

std::optional<std::string> read_evaluation(const PlannedEvaluation& evaluation, const fs::path& folder) {
  const fs::path path = evaluation_path(evaluation, folder),
                 weights = folder / name(evaluation.run) / file_name(RunFile::best);
  if (!fs::exists(path) || !fs::exists(weights) || !is_finished(evaluation.run, folder)) return std::nullopt;
  try {
    const SavedEvaluation saved = parse_saved_evaluation(read_file(path, kMaxEvaluationBytes), path.string());
    if (saved.weights != checksum(read_safetensors(weights.string()))) return std::nullopt;
    return saved.measured;
  } catch (const Error&) {
    return std::nullopt;  // damaged, so it is measured again
  }
}

}  // namespace cce
