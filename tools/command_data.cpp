#include <fmt/format.h>

#include <string>
#include <vector>

#include "data/catalog.h"
#include "engine/error.h"
#include "tools/command.h"
#include "tools/command_data_prepare.h"
#include "tools/data_figures.h"
#include "tools/data_validation.h"

namespace cce {
namespace {

/// Where the files of a data set are: "built in", their folder, "not here yet", or what is wrong with the
/// place.
std::string place_of(const NamedData& data) {
  if (data.built_in()) return "built in";
  try {
    const auto path = find_public_file(data.sequences);
    return path ? path->parent_path().string() : "not here yet: cce_rec data get " + std::string(data.name);
  } catch (const Error& error) {
    return error.what();
  }
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

/// One column per data set.
void stats(const std::vector<std::string>& names) {
  DataFigures figures;
  for (const std::string& name : names) figures.add(load_dataset(name));
  figures.print();
}

}  // namespace

ExitCode command_data(const DataOptions& options) {
  if (options.action == "list") list();
  if (options.action == "get") {
    for (const std::string& name : options.names) get(name);
  }
  if (options.action == "stats") stats(options.names);
  if (options.action == "validate") return validate_data(options);
  if (options.action == "prepare") return prepare_data(options);
  return ExitCode::done;
}

}  // namespace cce
