#include "tools/report/data_group.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "data/catalog.h"
#include "engine/error.h"

namespace cce {
namespace {

bool fits(const DataGroup& group, const ReportedRun& run) {
  const bool same =
      group.fingerprint.empty() || run.data_fingerprint.empty() || group.fingerprint == run.data_fingerprint;
  return group.name == run.data && same;
}

bool is_here(const std::string& name_or_path) {
  const NamedData* const known = find_named_data(name_or_path);
  if (known == nullptr) return std::filesystem::is_regular_file(name_or_path);
  return known->built_in() || find_public_file(known->sequences);
}

int max_length_of(const ReportedRun& run) {
  const std::string text = run.option("max-length");
  int length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc() && length > 0 ? length : 50;
}

/// Summarises the data that `run` names, or says why not.
void summarize_data(DataGroup& group, const ReportedRun& run) {
  const std::string data = run.option("data");
  if (data.empty() || !is_here(data)) {
    group.note = "The data are not on this machine: counted is what the runs tell.";
    return;
  }
  try {
    const Dataset dataset = load_dataset(data);
    if (group.fingerprint.empty() || group.fingerprint == dataset.fingerprint) {
      group.summary = summarize(dataset, max_length_of(run));
    } else {
      group.note = "The data on this machine are others by now: counted is what the runs tell.";
    }
  } catch (const Error& error) {
    group.note = error.what();
  }
}

}  // namespace

std::vector<DataGroup> data_groups(std::span<const ReportedRun> runs) {
  std::vector<DataGroup> groups;
  for (size_t i = 0; i < runs.size(); ++i) {
    auto group = std::ranges::find_if(groups, [&](const DataGroup& known) { return fits(known, runs[i]); });
    if (group == groups.end()) group = groups.insert(groups.end(), DataGroup{runs[i].data});
    group->runs.push_back(i);
    if (group->fingerprint.empty()) group->fingerprint = runs[i].data_fingerprint;
    group->users = std::max(group->users, static_cast<int64_t>(runs[i].ranks.size()));
    group->items = std::max(group->items, runs[i].items);
  }
  for (DataGroup& group : groups) summarize_data(group, runs[group.runs.front()]);
  return groups;
}

}  // namespace cce
