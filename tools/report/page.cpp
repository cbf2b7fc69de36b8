#include "tools/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "data/demo.h"
#include "engine/error.h"
#include "tools/chart_look.h"
#include "tools/counted.h"
#include "tools/markup.h"
#include "tools/report/attachment.h"
#include "tools/report/comparison.h"
#include "tools/report/curves.h"
#include "tools/report/data_group.h"
#include "tools/report/html.h"
#include "tools/report/paper.h"
#include "tools/report/ranks.h"
#include "tools/report/run_tables.h"

namespace cce {
namespace {

constexpr std::string_view kStyle =
#include "tools/report/style.css.inc"
    ;
constexpr std::string_view kScript =
#include "tools/report/script.js.inc"
    ;
/// Nothing is loaded, from wherever: what the page needs is in it.
constexpr const char* kPolicy =
    "default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; script-src &#39;unsafe-inline&#39;; "
    "img-src data:";

/// The page's own colours beside those of its charts.
std::string colours(bool dark) {
  return chart_colours(dark) + (dark ? "--page:#101216;--line:#2c3139;--hover:#232831;color-scheme:dark;"
                                     : "--page:#f6f7f9;--line:#dfe3e8;--hover:#eef3f8;color-scheme:light;");
}

/// Paper is light, whatever the screen is.
std::string style() {
  return fmt::format(
             ":root{{{0}}}\n@media screen and "
             "(prefers-color-scheme:dark){{:root:not([data-theme=light]){{{1}}}}}\n"
             "@media screen{{:root[data-theme=dark]{{{1}}}}}\n{2}\n",
             colours(false), colours(true), chart_style()) +
         std::string(kStyle);
}

std::string made_up_title(const Report& report, const std::vector<DataGroup>& groups) {
  const ReportedRun& first = report.runs.front();
  if (report.runs.size() == 1) return first.name;
  const std::string runs = counted(static_cast<int64_t>(report.runs.size()), "run");
  if (groups.size() > 1)
    return fmt::format("{} on {}", runs, counted(static_cast<int64_t>(groups.size()), "data set"));
  return first.data.empty() ? runs : fmt::format("{} on {}", runs, first.data);
}

std::string tile(const std::string& name, const std::string& value, const std::string& of) {
  return fmt::format(
      "<dl class=\"tile\"><dt>{}</dt><dd class=\"value\">{}</dd><dd class=\"of\">{}</dd></dl>\n",
      escaped_markup(name), escaped_markup(value), escaped_markup(of));
}

/// What the best training of a group reached.
std::string best_tiles(const ReportedRun& run, const std::string& whose) {
  const RunResult& result = *run.result;
  std::string tiles = tile("Test NDCG@10", metric_text(result.test[Metric::ndcg10]), whose);
  tiles += tile("Test HR@10", metric_text(result.test[Metric::hr10]), whose);
  if (run.option("data") == "demo") {
    const double best = demo_best_possible(Split::test, 10).ndcg;
    tiles +=
        tile("Of the possible NDCG@10", fmt::format("{:.1f} %", 100 * result.test[Metric::ndcg10] / best),
             fmt::format("{} for whoever knows the demo's process", metric_text(best)));
  }
  return tiles;
}

std::string single_run_tiles(const ReportedRun& run) {
  std::string tiles;
  if (run.result) {
    const RunResult& result = *run.result;
    tiles =
        best_tiles(run, "of the best epoch by validation") +
        tile("Best epoch", count_text(result.best_epoch), fmt::format("of {}", count_text(result.epochs))) +
        tile("An epoch", seconds_text(result.seconds_per_epoch), "median, training only") +
        tile("In all", seconds_text(result.seconds_total), "with evaluation") +
        tile("Memory", bytes_text(result.peak_rss_bytes), "at most");
  } else if (const auto best = run.best_epoch()) {
    tiles = tile("Validation NDCG@10", metric_text(run.epochs[*best].valid[Metric::ndcg10]),
                 fmt::format("epoch {}, the best so far", run.epochs[*best].epoch)) +
            tile("Epochs", count_text(run.epoch_count()), "so far: the run is not finished");
  } else if (run.pretraining && run.epoch_count() > 0) {
    tiles =
        tile("Epochs of pre-training", count_text(run.epoch_count()), run.finished() ? "finished" : "so far");
    if (!run.pretraining_epochs.empty()) {
      tiles += tile("Loss", fmt::format("{:.4g}", run.pretraining_epochs.back().loss), "of the last epoch");
    }
  }
  return tiles;
}

std::string tiles_html(const Report& report, const std::vector<DataGroup>& groups) {
  std::string tiles;
  if (report.runs.size() == 1) {
    tiles = single_run_tiles(report.runs.front());
  } else {
    for (const DataGroup& group : groups) {
      std::vector<size_t> tested = group.runs;
      std::erase_if(tested, [&](size_t run) { return !report.runs[run].result; });
      if (tested.empty()) continue;
      const size_t best = *std::ranges::max_element(
          tested, {}, [&](size_t run) { return report.runs[run].result->test[Metric::ndcg10]; });
      tiles += best_tiles(report.runs[best],
                          fmt::format("{}, the best on {}", report.runs[best].name, group.name));
    }
  }
  return tiles.empty() ? "" : "<div class=\"tiles\">\n" + tiles + "</div>\n";
}

std::string runs_html(const Report& report) {
  std::string html = "<div class=\"runs\" role=\"group\" aria-label=\"Runs shown in the charts\">\n";
  for (size_t i = 0; i < report.runs.size(); ++i) {
    html += fmt::format(
        "<button type=\"button\" disabled=\"disabled\" aria-pressed=\"true\" data-series=\"{}\">{}{}"
        "</button>\n",
        i, svg_sample(i), escaped_markup(report.runs[i].name));
  }
  return html + "</div>\n";
}

std::string data_html(const std::vector<DataGroup>& groups, std::span<const ReportedRun> runs) {
  HtmlTable table{.caption = "Counts",
                  .header = {"data", "runs", "users", "items", "interactions", "mean length", "shortest",
                             "longest", "repeats", "training positions"},
                  .rows = {},
                  .style_class = "numbers"};
  std::string notes;
  for (const DataGroup& group : groups) {
    auto& row = table.rows.emplace_back();
    row = {{escaped_markup(group.name)}, {count_text(static_cast<int64_t>(group.runs.size()))}};
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
    notes += fmt::format("<p>{}: {}</p>\n", escaped_markup(group.name), escaped_markup(group.note));
  }
  if (groups.size() == 1 && groups.front().name.empty() && runs.size() == 1 && notes.empty()) return "";
  return html_table(table) + notes;
}

/// The content of a section about the groups one after another, under their names where there are several.
template <class Make>
std::string for_each_group(const std::vector<DataGroup>& groups, Make make) {
  std::string html;
  for (size_t i = 0; i < groups.size(); ++i) {
    const std::string content = make(groups[i], i);
    if (groups.size() > 1 && !content.empty())
      html += fmt::format("<h3>{}</h3>\n", escaped_markup(groups[i].name));
    html += content;
  }
  return html;
}

std::string attachments_html(const Report& report, std::vector<std::string>& faults) {
  std::string html;
  for (const std::filesystem::path& path : report.attachments) {
    try {
      html += attachment_html(path);
    } catch (const Error& error) {
      faults.emplace_back(error.what());
    }
  }
  return html;
}

std::string faults_html(const std::vector<std::string>& faults) {
  if (faults.empty()) return "";
  std::string items;
  for (const std::string& fault : faults) items += fmt::format("<li>{}</li>\n", escaped_markup(fault));
  return fmt::format(
      "<div class=\"faults\" role=\"alert\"><strong>Not all of it could be read</strong>\n<ul>\n{}</ul>"
      "</div>\n",
      items);
}

struct Section {
  const char *id, *heading;
  std::string content;
};

/// All that comes below the page's head; what cannot be shown is added to `faults`.
std::vector<Section> sections_of(const Report& report, const std::vector<DataGroup>& groups,
                                 std::vector<std::string>& faults) {
  const std::span<const ReportedRun> runs = report.runs;
  std::string curves = for_each_group(groups, [&](const DataGroup& group, size_t i) {
    return curves_html(runs, group, fmt::format("curves-{}", i));
  });
  if (curves.find("at-10") != std::string::npos) curves = cutoff_choice_html() + curves;
  return {
      {"results", "Results",
       overview_html(runs) +
           for_each_group(groups, [&](const DataGroup& group, size_t) { return metrics_html(runs, group); })},
      {"curves", "Curves", curves},
      {"comparison", "User by user",
       for_each_group(groups,
                      [&](const DataGroup& group, size_t i) {
                        return comparison_html(runs, group, fmt::format("comparison-{}", i), faults);
                      })},
      {"ranks", "Ranks",
       for_each_group(groups, [&](const DataGroup& group,
                                  size_t i) { return ranks_html(runs, group, fmt::format("ranks-{}", i)); })},
      {"paper", "Beside the paper", paper_html(runs)},
      {"files", "Figures and tables", attachments_html(report, faults)},
      {"options", "Options", options_html(runs)},
      {"data", "Data", data_html(groups, runs)},
      {"epochs", "Epoch by epoch", epochs_html(runs)},
  };
}

}  // namespace

ReportPage report_page(const Report& report) {
  ReportPage page;
  for (const ReportedRun& run : report.runs) {
    page.faults.insert(page.faults.end(), run.faults.begin(), run.faults.end());
  }
  const std::vector<DataGroup> groups = data_groups(report.runs);
  std::string links, content;
  for (const Section& section : sections_of(report, groups, page.faults)) {
    if (section.content.empty()) continue;
    links += fmt::format("<a href=\"#{}\">{}</a>\n", section.id, section.heading);
    content += html_section(section.id, section.heading, section.content);
  }
  const std::string title =
      escaped_markup(report.title.empty() ? made_up_title(report, groups) : report.title);
  page.html = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\"/>\n<link rel=\"icon\" href=\"data:,\"/>\n"
      "<title>{}</title>\n<style>\n{}</style>\n</head>\n<body>\n",
      kPolicy, title, style());
  page.html += fmt::format(
      "<header><div><h1>{}</h1><p>What cce_rec trained, as the run folders tell. ★ marks the best: of a run "
      "its tested "
      "epoch, of a table each column.</p></div>"
      "<button type=\"button\" id=\"theme\" hidden=\"hidden\">Theme: auto</button></header>\n"
      "<nav aria-label=\"Sections\">\n{}</nav>\n<main>\n",
      title, links);
  page.html += faults_html(page.faults) + tiles_html(report, groups) + runs_html(report) + content;
  page.html += "</main>\n";
  page.html += fmt::format("<script>\n{}</script>\n</body>\n</html>\n", kScript);
  return page;
}

}  // namespace cce
