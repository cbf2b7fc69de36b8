#include "tools/report/data_group.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "data/catalog.h"
#include "engine/error.h"
#include "tools/markup.h"
#include "tools/report/html.h"

namespace cce {
namespace {

bool fits(const DataGroup& group, const ReportedRun& run) {
  const bool same =
      group.fingerprint.empty() || run.data_fingerprint.empty() || group.fingerprint == run.data_fingerprint;
  return group.name == run.data && same;
}

bool is_here(const std::string& name_or_path) {
  const NamedData* const known = find_named_data(name_or_path);
  std::error_code ignored;  // a folder that may not be looked into has no file for us
  if (known == nullptr) return std::filesystem::is_regular_file(name_or_path, ignored);
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
  try {
    if (data.empty() || !is_here(data)) {
      group.note = "The data are not on this machine: counted is what the runs tell.";
      return;
    }
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
  for (DataGroup& group : groups) {
    const auto says_which = [&](size_t run) { return !runs[run].option("data").empty(); };
    const auto run = std::ranges::find_if(group.runs, says_which);
    summarize_data(group, runs[run == group.runs.end() ? group.runs.front() : *run]);
  }
  return groups;
}

std::string shown_name(const DataGroup& group) {
  return group.name.empty() ? "unknown data" : group.name;
}

std::string data_html(std::span<const DataGroup> groups) {
  HtmlTable table{.caption = "Counts",
                  .header = {"data", "runs", "users", "items", "interactions", "mean length", "shortest",
                             "longest", "repeats", "training positions"},
                  .rows = {},
                  .style_class = "numbers"};
  std::string notes;
  for (const DataGroup& group : groups) {
    auto& row = table.rows.emplace_back();
    row = {{escaped_markup(shown_name(group))}, {count_text(static_cast<int64_t>(group.runs.size()))}};
    if (const auto& summary = group.summary) {
      for (const int64_t count : {summary->users, summary->items, summary->interactions})
        row.push_back({count_text(count)});
      row.push_back({fmt::format("{:.2f}", summary->mean_length)});
      for (const int64_t count :
           {summary->shortest, summary->longest, summary->repeats, summary->training_positions}) {
        row.push_back({count_text(count)});
      }
      continue;
    }
    for (const int64_t count : {group.users, group.items})
      row.push_back({count > 0 ? count_text(count) : "–"});
    row.resize(table.header.size(), {"–"});
    notes += fmt::format("<p>{}: {}</p>\n", escaped_markup(shown_name(group)), escaped_markup(group.note));
  }
  return html_table(table) + notes;
}

}  // namespace cce
