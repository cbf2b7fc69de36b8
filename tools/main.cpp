// The program cce_rec: a table of commands.
#include <fmt/core.h>
#include <malloc.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "engine/host_memory.h"
#include "tools/command.h"
#include "tools/version.h"

namespace cce {
namespace {

/// Reads the options of a command and runs it, or prints what was asked for instead.
template <class Options, ExitCode command(const Options&)>
ExitCode run(const OptionSources& sources) {
  Options options;
  if (const auto answer = parse_options(options, sources)) {
    fmt::print("{}", *answer);
    return ExitCode::done;
  }
  return command(options);
}

struct Command {
  const char* name;
  const char* description;
  ExitCode (*run)(const OptionSources&);
};
constexpr std::array kCommands = {
    Command{"train", "train a model and keep the run in a folder", run<TrainOptions, command_train>},
    Command{"pretrain", "pre-train S3-Rec, for train --init to go on from",
            run<PretrainOptions, command_pretrain>},
    Command{"evaluate", "rank all items for every user with a trained model",
            run<EvaluateOptions, command_evaluate>},
    Command{"recommend", "name the items that come next in a history",
            run<RecommendOptions, command_recommend>},
    Command{"similar", "name the items that are most like one", run<SimilarOptions, command_similar>},
    Command{"data", "list, download, describe and check data sets", run<DataOptions, command_data>},
    Command{"bench", "measure operations, epochs and how losses pull", run<BenchOptions, command_bench>},
    Command{"report", "make a page about runs, to look at and pass on", run<ReportOptions, command_report>},
    Command{"compare", "test whether one run is better than another", run<CompareOptions, command_compare>},
    Command{"reproduce", "make the paper's tables and figures", run<ReproduceOptions, command_reproduce>},
    Command{"devices", "show what there is to compute with", run<DevicesOptions, command_devices>},
    Command{"completion", "make a shell complete options", run<CompletionOptions, command_completion>},
    Command{"manual", "print the manual page", run<ManualOptions, command_manual>},
};

void print_help() {
  fmt::print(
      "Sequential recommenders: train, evaluate, recommend, look at the data.\nUsage: cce_rec COMMAND "
      "[options]\n\nCommands:\n");
  for (const Command& command : kCommands) fmt::print("  {:<10} {}\n", command.name, command.description);
  fmt::print(
      "\nFor example:\n"
      "  cce_rec train --model gru4rec --loss cce --data demo\n"
      "  cce_rec train --help\n"
      "\nOptions may also be set in the environment (CCE_REC_BATCH_SIZE=128 for --batch-size 128; --data\n"
      "and --print-config have no variable) or in a TOML file (--config): the command line goes before the\n"
      "environment, that before the file.\n"
      "CCE_REC_DATA names the folder that known data sets are looked for in.\n");
}

ExitCode dispatch(const std::vector<std::string>& arguments) {
  const std::string name = arguments.empty() ? "--help" : arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    print_help();
    return arguments.empty() ? ExitCode::usage : ExitCode::done;
  }
  if (name == "--version") {
    fmt::print("cce_rec {}\n", version());
    return ExitCode::done;
  }
  std::vector<std::string> names;
  for (const Command& command : kCommands) {
    if (name == command.name)
      return command.run({{arguments.begin() + 1, arguments.end()}, option_environment()});
    names.push_back(command.name);
  }
  fail_usage("unknown command \"{}\"{}; see: cce_rec --help", name, did_you_mean(name, names));
}

ExitCode complain(ExitCode code, const char* message) {
  fmt::print(stderr, "cce_rec: error: {}\n", message);
  return code;
}

ExitCode guarded(const std::vector<std::string>& arguments) {
  try {
    const ExitCode code = dispatch(arguments);
    // What could not be written (a full disk behind a redirection) was not done.
    if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category());
    return code;
  } catch (const Error& error) {
    return complain(error.code(), error.what());
  } catch (const std::system_error& error) {
    // Nobody reads any more, so there is nobody to tell.
    if (error.code() == std::errc::broken_pipe) return ExitCode::failed;
    if (std::ferror(stdout) != 0) {
      return complain(ExitCode::failed, ("standard output: " + error.code().message()).c_str());
    }
    return complain(ExitCode::failed, error.what());
  } catch (const HostMemoryRefused& refused) {
    return complain(ExitCode::out_of_memory, refused.what());
  } catch (const std::bad_alloc&) {
    return complain(ExitCode::out_of_memory, "out of memory (a smaller --batch-size needs less)");
  } catch (const std::exception& error) {
    return complain(ExitCode::failed, error.what());
  }
}

}  // namespace
}  // namespace cce

int main(int argc, char** argv) {
  // Tensors come and go in every step: keep freed memory instead of giving it back and asking again, which
  // costs a page fault per 4 KB.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  // A reader that went away (cce_rec ... | head) shows as a failed write, which does not end a training on
  // the spot.
  std::signal(SIGPIPE, SIG_IGN);
  return static_cast<int>(cce::guarded({argv + 1, argv + argc}));
}
