#include "tools/report/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

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
#include "tools/report/tiles.h"

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

/// The content of a section about the groups one after another, under their names where there are several.
template <class Make>
std::string for_each_group(const std::vector<DataGroup>& groups, Make make) {
  std::string html;
  for (size_t i = 0; i < groups.size(); ++i) {
    const std::string content = make(groups[i], i);
    if (groups.size() > 1 && !content.empty())
      html += fmt::format("<h3>{}</h3>\n", escaped_markup(shown_name(groups[i])));
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

/// All before the page's main part. Title and links are markup.
std::string head_html(const std::string& title, const std::string& links) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{0}\"/>\n<link rel=\"icon\" href=\"data:,\"/>\n"
      "<title>{1}</title>\n<style>\n{2}</style>\n</head>\n<body>\n"
      "<header><div><h1>{1}</h1><p>What cce_rec trained, as the run folders tell. ★ marks the best: of a run "
      "its "
      "tested epoch, of a table each column.</p></div>\n"
      "<button type=\"button\" id=\"theme\" hidden=\"hidden\">Theme: auto</button></header>\n"
      "<nav aria-label=\"Sections\">\n{3}</nav>\n",
      kPolicy, title, style(), links);
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
      {"data", "Data", data_html(groups)},
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
  page.html = head_html(title, links) + "<main>\n";
  page.html += faults_html(page.faults) + tiles_html(report.runs, groups) + runs_html(report) + content;
  page.html += "</main>\n";
  page.html += fmt::format("<script>\n{}</script>\n</body>\n</html>\n", kScript);
  return page;
}

}  // namespace cce
