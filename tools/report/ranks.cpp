#include "tools/report/ranks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tools/report/html.h"
#include "tools/report/run_tables.h"

namespace cce {
namespace {

/// More runs have bars too thin to be told apart.
constexpr size_t kMostWithBars = 5;
/// Points of a curve for every tenfold rank.
constexpr int kPointsPerDecade = 12;

struct Bin {
  const char* name;
  int64_t most;  ///< the last place in it, from 1
};
/// The last but one has no room for "101–1000": an axis leaves out a name that would touch the one before it.
constexpr std::array kBins = {
    Bin{"1", 1},        Bin{"2–5", 5},      Bin{"6–10", 10},        Bin{"11–20", 20},
    Bin{"21–100", 100}, Bin{"–1000", 1000}, Bin{"1001+", INT64_MAX}};

/// The places of the test items, from 1, ascending.
std::vector<int64_t> sorted_places(const ReportedRun& run) {
  std::vector<int64_t> places;
  for (const UserRanks& user : run.ranks)
    places.push_back(user.test == INT64_MAX ? user.test : user.test + 1);
  std::ranges::sort(places);
  return places;
}

/// The share of places up to `most`.
double share_within(const std::vector<int64_t>& places, int64_t most) {
  const auto within = std::ranges::upper_bound(places, most) - places.begin();
  return static_cast<double>(within) / static_cast<double>(places.size());
}

ChartSeries histogram_of(const std::vector<int64_t>& places) {
  ChartSeries series{.name = "", .points = {}, .kind = SeriesKind::bars};
  double before = 0;
  for (size_t i = 0; i < kBins.size(); ++i) {
    const double until = share_within(places, kBins[i].most);
    series.points.push_back({static_cast<double>(i), 100 * (until - before)});
    before = until;
  }
  return series;
}

ChartSeries curve_of(const std::vector<int64_t>& places) {
  ChartSeries series{.name = "", .points = {}};
  int64_t last = 0;
  for (int i = 0; last < places.back() && i < 19 * kPointsPerDecade; ++i) {
    const int64_t place = std::llround(std::pow(10, i / static_cast<double>(kPointsPerDecade)));
    if (place == last) continue;
    last = std::min(place, places.back());
    series.points.push_back({static_cast<double>(last), 100 * share_within(places, last)});
  }
  return series;
}

std::vector<HtmlCell> table_row(std::span<const ReportedRun> runs, size_t run,
                                const std::vector<int64_t>& places) {
  std::vector<HtmlCell> row = {{run_label(runs, run)}, {count_text(static_cast<int64_t>(places.size()))}};
  for (const int64_t most : {1, 5, 10, 20, 100, 1000}) {
    row.push_back({fmt::format("{:.2f} %", 100 * share_within(places, most))});
  }
  for (const double quantile : {0.25, 0.5, 0.75}) {
    const auto at = static_cast<size_t>(quantile * static_cast<double>(places.size() - 1));
    row.push_back({count_text(places[at])});
  }
  return row;
}

}  // namespace

std::string ranks_html(std::span<const ReportedRun> runs, const DataGroup& group, const std::string& id) {
  std::map<size_t, std::vector<int64_t>> places;
  for (const size_t run : group.runs) {
    if (!runs[run].ranks.empty()) places[run] = sorted_places(runs[run]);
  }
  if (places.empty()) return "";
  Chart histogram{"Places of the test items", {.title = "place"}, {.title = "% of users"}, {}};
  for (const Bin& bin : kBins) histogram.x.names.emplace_back(bin.name);
  Chart curve{"Test items within the first K",
              {.title = "K", .logarithmic = true, .include = {1}},
              {.title = "% of users (HR@K)", .include = {0, 100}},
              {}};
  HtmlTable table{.caption = fmt::format("Places of the test items of {}", shown_name(group)),
                  .header = {"run", "users", "first", "top 5", "top 10", "top 20", "top 100", "top 1000",
                             "a quarter within", "half within", "three quarters within"},
                  .rows = {},
                  .style_class = "numbers sortable"};
  for (const auto& [run, of_run] : places) {
    for (auto [chart, series] :
         {std::pair(&histogram, histogram_of(of_run)), std::pair(&curve, curve_of(of_run))}) {
      series.name = runs[run].name, series.look = run;
      chart->series.push_back(std::move(series));
    }
    table.rows.push_back(table_row(runs, run, of_run));
  }
  std::string charts = html_chart(curve, id + "-curve");
  if (places.size() <= kMostWithBars) charts = html_chart(histogram, id + "-bars") + charts;
  return "<div class=\"charts\">\n" + charts + "</div>\n" + html_table(table);
}

}  // namespace cce
