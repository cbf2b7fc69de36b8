#include "tools/report/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

#include "data/catalog.h"
#include "engine/error.h"
#include "tools/durable_file.h"
#include "tools/metrics_file.h"
#include "tools/option_file.h"
#include "tools/options.h"
#include "tools/run_files.h"
#include "tools/run_folder.h"
#include "tools/run_replacement.h"
#include "tools/safetensors_header.h"

namespace cce {
namespace fs = std::filesystem;
namespace {

/// Reads a part of a run; what goes wrong is one of its faults.
template <class Read>
void read_part(ReportedRun& run, Read read) {
  try {
    read();
  } catch (const Error& error) {
    run.faults.emplace_back(error.what());
  } catch (const fs::filesystem_error& error) {
    run.faults.push_back(fmt::format("{}: {}", error.path1().string(), error.code().message()));
  }
}

/// As a Dataset is called: a known name, or the file's without its ending.
std::string data_name(const std::string& name_or_path) {
  return find_named_data(name_or_path) != nullptr ? name_or_path : fs::path(name_or_path).stem().string();
}

void read_options_of(ReportedRun& run) {
  const fs::path path = run.folder / file_name(RunFile::config);
  // Results are kept without it (docs/results/runs): they say themselves what they are of.
  if (!fs::exists(path) && fs::exists(run.folder / file_name(RunFile::result))) return;
  require(fs::exists(path), "{}: no such file, so the run's options are not known", path.string());
  for (const ConfigLine& line : read_config(path.string())) run.options.emplace_back(line.key, line.value);
  run.model = run.option("model"), run.loss = run.option("loss");
  run.data = data_name(run.option("data"));
  if (run.loss.empty()) return;  // a pre-training has none of those below
  for (const auto& [name, value] : defaults_of_later_options()) {
    if (run.option(name).empty()) run.options.emplace_back(name, value);
  }
}

/// By its options, which have a loss in training alone; by its result or its metrics where they cannot be
/// read.
bool is_pretraining(const ReportedRun& run) {
  if (!run.options.empty()) return run.loss.empty();
  const auto says = [&](RunFile name, const char* key) {
    const fs::path file = run.folder / file_name(name);
    return fs::exists(file) && read_file(file, most_bytes(name)).find(key) != std::string::npos;
  };
  return says(RunFile::result, "\"stage\"") || says(RunFile::metrics, "\"objectives\"");
}

void read_epochs(ReportedRun& run) {
  const fs::path path = run.folder / file_name(RunFile::metrics);
  if (run.pretraining) {
    run.pretraining_epochs = read_pretraining_metrics(path);
  } else {
    run.epochs = read_metrics(path);
  }
}

void read_result(ReportedRun& run) {
  const fs::path path = run.folder / file_name(RunFile::result);
  if (!fs::exists(path)) return;
  const std::string json = read_file(path, most_bytes(RunFile::result));
  if (run.pretraining) {
    run.pretraining_result = parse_pretraining_result(json, path.string());
    run.model = run.pretraining_result->model, run.data = run.pretraining_result->data;
  } else {
    run.result = parse_run_result(json, path.string());
    run.model = run.result->model, run.loss = run.result->loss, run.data = run.result->data;
  }
}

void read_ranks(ReportedRun& run) {
  const fs::path path = run.folder / file_name(RunFile::ranks);
  if (fs::exists(path)) run.ranks = parse_ranks(read_file(path, most_bytes(RunFile::ranks)), path.string());
}

/// The header of a checkpoint alone: the tensors may be large.
SafetensorsHeader header_of(const fs::path& path) {
  const InputFile file(path);
  uint64_t length = 0;
  file.read(0, std::as_writable_bytes(std::span(&length, 1)));
  require(length <= kMaxHeaderBytes && length <= file.size() - sizeof length, "{}: is no safetensors file",
          path.string());
  std::string json(length, '\0');
  file.read(sizeof length, std::as_writable_bytes(std::span(json)));
  return parse_safetensors_header(json, file.size() - sizeof length - length, path.string());
}

void read_checkpoint(ReportedRun& run) {
  for (const RunFile name : {RunFile::best, RunFile::last}) {
    const fs::path path = run.folder / file_name(name);
    if (!fs::exists(path)) continue;
    const SafetensorsHeader header = header_of(path);
    if (const auto data = header.metadata.find("data"); data != header.metadata.end()) {
      run.data_fingerprint = data->second;
    }
    const auto table = std::ranges::find(header.tensors, "item_embeddings.weight", &TensorEntry::name);
    // Its rows are the items, between those of padding and mask.
    if (table != header.tensors.end() && !table->shape.empty()) run.items = table->shape.front() - 2;
    return;
  }
}

/// By name, numbers in it by their size: "run-2" before "run-10".
bool comes_before(const fs::path& a, const fs::path& b) {
  const std::string x = a.string(), y = b.string();
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  size_t i = 0, j = 0;
  for (; i < x.size() && j < y.size(); ++i, ++j) {
    if (is_digit(x[i]) && is_digit(y[j])) {
      const size_t i_end = std::min(x.find_first_not_of("0123456789", i), x.size());
      const size_t j_end = std::min(y.find_first_not_of("0123456789", j), y.size());
      if (i_end - i != j_end - j) return i_end - i < j_end - j;
    }
    if (x[i] != y[j]) return x[i] < y[j];
  }
  return x.size() - i < y.size() - j;
}

}  // namespace

std::string ReportedRun::option(const std::string& wanted) const {
  const auto found = std::ranges::find(options, wanted, &std::pair<std::string, std::string>::first);
  return found == options.end() ? "" : found->second;
}

std::optional<size_t> ReportedRun::best_epoch() const {
  if (epochs.empty()) return std::nullopt;
  if (result) {
    const auto found = std::ranges::find(epochs, result->best_epoch, &EpochRecord::epoch);
    if (found == epochs.end()) return std::nullopt;
    return static_cast<size_t>(found - epochs.begin());
  }
  const std::string stop_on = option("stop-on");
  Metric metric = Metric::ndcg20;  // also for MRR, which the lines of epochs do not have
  for (int i = 0; i < kMetricCount; ++i) {
    if (stop_on == cce::name(static_cast<Metric>(i)) && stop_on != "MRR") metric = static_cast<Metric>(i);
  }
  const auto best =
      std::ranges::max_element(epochs, {}, [&](const EpochRecord& e) { return e.valid[metric]; });
  return static_cast<size_t>(best - epochs.begin());
}

int64_t ReportedRun::epoch_count() const {
  if (result) return result->epochs;
  if (pretraining_result) return pretraining_result->epochs;
  return static_cast<int64_t>(std::max(epochs.size(), pretraining_epochs.size()));
}

ReportedRun read_reported_run(const fs::path& folder) {
  ReportedRun run;
  run.folder = folder;
  if (replacement_interrupted(folder)) {
    run.fault_of_ranking = fmt::format(
        "{}: another run was taking its place when it was stopped; the same "
        "command with --resume goes on",
        folder.string());
    run.faults.push_back(run.fault_of_ranking);
    return run;
  }
  const auto read_for_ranking = [&](void (*read)(ReportedRun&)) {
    const size_t before = run.faults.size();
    read_part(run, [&] { read(run); });
    if (run.fault_of_ranking.empty() && run.faults.size() > before) run.fault_of_ranking = run.faults.back();
  };
  read_for_ranking(read_options_of);
  read_part(run, [&] { run.pretraining = is_pretraining(run); });
  read_part(run, [&] { read_epochs(run); });
  read_for_ranking(read_result);
  read_for_ranking(read_ranks);
  read_part(run, [&] { read_checkpoint(run); });
  return run;
}

RankedRun ranked(const ReportedRun& run) {
  const int64_t items = run.result->items > 0 ? run.result->items : run.items;
  return {run.folder.string(), run.data, run.option("seen"), {run.ranks, items}};
}

std::vector<fs::path> run_folders(const fs::path& argument) {
  fs::path folder = argument.lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();  // "runs/mine/"
  const auto is_run = [](const fs::path& path) {
    return has_run_files(path) || replacement_interrupted(path);
  };
  require(fs::is_directory(folder), "{}: no such run folder", argument.string());
  if (is_run(folder)) return {folder};
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory() && is_run(entry.path())) folders.push_back(entry.path());
  }
  require(!folders.empty(), "{}: no run, and no folder of runs (it has no {})", argument.string(),
          file_name(RunFile::config));
  std::ranges::sort(folders, comes_before);
  return folders;
}

void name_runs(std::vector<ReportedRun>& runs) {
  std::map<std::string, int> counts;
  const auto short_name = [](const ReportedRun& run) {
    const std::string name = run.folder.filename().string();
    return name == "." || name == ".." ? fs::absolute(run.folder).lexically_normal().filename().string()
                                       : name;
  };
  for (const ReportedRun& run : runs) ++counts[short_name(run)];
  for (ReportedRun& run : runs)
    run.name = counts[short_name(run)] > 1 ? run.folder.string() : short_name(run);
}

}  // namespace cce
