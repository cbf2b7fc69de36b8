#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "data/catalog.h"
#include "data/s3rec_text.h"
#include "tools/command.h"
#include "tools/memory_advice.h"

namespace cce {
namespace {

/// Where the files of a data set are: "built in", their folder, or "not here yet".
std::string place_of(const NamedData& data) {
  if (data.built_in()) return "built in";
  const auto path = find_public_file(data.sequences);
  return path ? path->parent_path().string() : "not here yet: cce_rec data get " + std::string(data.name);
}

void list() {
  for (const NamedData& data : named_data()) {
    fmt::print("{:<8} {:<60} {}\n", data.name, data.description, place_of(data));
  }
}

void get(const std::string& name) {
  const NamedData* data = find_named_data(name);
  if (data == nullptr) {
    std::vector<std::string> names;
    for (const NamedData& known : named_data()) names.emplace_back(known.name);
    fail_usage("data get: there is no data set \"{}\"{}; see: cce_rec data list", name,
               did_you_mean(name, names));
  }
  if (data->built_in()) {
    fmt::print("{} is built in\n", name);
    return;
  }
  for (const PublicFile& file : {data->sequences, data->attributes}) {
    fmt::print("{}\n", get_public_file(file).string());
  }
}

/// A label and its value.
using Figure = std::pair<std::string, std::string>;

std::string percent(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

/// How many of the users have sequences of which length.
std::vector<Figure> length_histogram(const Dataset& dataset) {
  constexpr std::array<int64_t, 11> kLongest{4, 5, 6, 8, 10, 15, 20, 30, 50, 100, 200};
  std::array<int64_t, kLongest.size() + 1> users{};
  for (int64_t user = 0; user < dataset.user_count(); ++user) {
    const auto length = std::ssize(dataset.sequence(user));
    ++users[static_cast<size_t>(std::ranges::lower_bound(kLongest, length) - kLongest.begin())];
  }
  std::vector<Figure> figures;
  int64_t shortest = kFewestItems;
  for (size_t bucket = 0; bucket < users.size(); ++bucket) {
    std::string label = fmt::format("users with {}", shortest);
    if (bucket == kLongest.size()) {
      label += " items or more";
    } else {
      label += shortest == kLongest[bucket] ? " items" : fmt::format(" to {} items", kLongest[bucket]);
      shortest = kLongest[bucket] + 1;
    }
    const double share = static_cast<double>(users[bucket]) / static_cast<double>(dataset.user_count());
    figures.emplace_back(label, percent(share));
  }
  return figures;
}

/// What the paper's Table 1 tells about a data set, what padding would cost, and the lengths.
std::vector<Figure> figures_of(const Dataset& dataset) {
  const int max_length = TrainOptions{}.max_length;
  const DatasetSummary summary = summarize(dataset, max_length);
  const auto interactions = static_cast<double>(summary.interactions);
  const auto items = static_cast<double>(summary.items);
  std::vector<Figure> figures{
      {"users", fmt::format("{}", summary.users)},
      {"users left out (too few items)", fmt::format("{}", dataset.users_left_out)},
      {"items", fmt::format("{}", summary.items)},
      {"interactions", fmt::format("{}", summary.interactions)},
      {"interactions per user", fmt::format("{:.2f}", summary.mean_length)},
      {"interactions per item", fmt::format("{:.2f}", interactions / items)},
      {"density", fmt::format("{:.2f} %", 100 * interactions / items / static_cast<double>(summary.users))},
      {"repeated items", fmt::format("{}", summary.repeats)},
      {"training positions", fmt::format("{}", summary.training_positions)},
      {fmt::format("padding saved at length {}", max_length), percent(summary.pad_share)},
      {"shortest sequence", fmt::format("{}", summary.shortest)},
      {"longest sequence", fmt::format("{}", summary.longest)},
  };
  for (Figure& figure : length_histogram(dataset)) figures.push_back(std::move(figure));
  return figures;
}

/// One column per data set.
void stats(const std::vector<std::string>& names) {
  std::vector<std::string> lines{std::string(34, ' ')};
  for (const std::string& name : names) {
    const Dataset dataset = load_dataset(name);
    const size_t width = std::max<size_t>(dataset.name.size(), 9) + 2;
    lines.front() += fmt::format("{:>{}}", dataset.name, width);
    size_t line = 1;
    for (const auto& [label, value] : figures_of(dataset)) {
      if (line == lines.size()) lines.push_back(fmt::format("{:<34}", label));
      lines[line++] += fmt::format("{:>{}}", value, width);
    }
  }
  for (const std::string& line : lines) fmt::print("{}\n", line);
}

/// Everything that is wrong with a file, also if it cannot be read at all.
std::vector<std::string> faults_of(const std::string& path) {
  try {
    return faults_of_s3rec_text(path);
  } catch (const Error& error) {
    return {error.what()};
  }
}

/// Prints everything that is wrong with the files; done if nothing is.
ExitCode validate(const std::vector<std::string>& names) {
  ExitCode code = ExitCode::done;
  for (const std::string& name : names) {
    const NamedData* data = find_named_data(name);
    if (data != nullptr && data->built_in()) {
      fmt::print("{} is built in\n", name);
      continue;
    }
    const std::string path = data == nullptr ? name : get_public_file(data->sequences).string();
    const std::vector<std::string> faults = faults_of(path);
    for (const std::string& fault : faults) fmt::print("{}\n", fault);
    if (!faults.empty()) {
      code = ExitCode::failed;
      continue;
    }
    const std::string advice = advice_on_ids(read_s3rec_text(path));
    fmt::print("{}: {}\n", path, advice.empty() ? "nothing is wrong with it" : "can be read, but " + advice);
  }
  return code;
}

}  // namespace

ExitCode command_data(const DataOptions& options) {
  if (options.action == "list") list();
  if (options.action == "get") {
    for (const std::string& name : options.names) get(name);
  }
  if (options.action == "stats") stats(options.names);
  if (options.action == "validate") return validate(options.names);
  return ExitCode::done;
}

}  // namespace cce
