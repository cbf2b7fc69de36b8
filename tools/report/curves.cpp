#include "tools/report/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "tools/report/html.h"

namespace cce {
namespace {

struct Cutoff {
  int k;
  Metric ndcg, hr;
};
constexpr std::array kCutoffs = {Cutoff{5, Metric::ndcg5, Metric::hr5},
                                 Cutoff{10, Metric::ndcg10, Metric::hr10},
                                 Cutoff{20, Metric::ndcg20, Metric::hr20}};

/// A unit of time in which a long run's axis has short numbers.
struct AxisUnit {
  const char* name;
  double seconds;
};
AxisUnit unit_for(double seconds) {
  if (seconds < 300) return {"seconds", 1};
  return seconds < 3 * 3600 ? AxisUnit{"minutes", 60} : AxisUnit{"hours", 3600};
}

/// The charts of one group, and what they are made from.
class Curves {
 public:
  Curves(std::span<const ReportedRun> runs, const DataGroup& group, std::string id)
      : runs_(runs), group_(group), id_(std::move(id)) {}

  std::string html() {
    add_metrics();
    add_losses();
    add_seconds();
    add_pretraining();
    return html_.empty() ? "" : "<div class=\"charts\">\n" + html_ + "</div>\n";
  }

 private:
  using Value = std::function<std::optional<double>(const EpochRecord&)>;

  static Chart chart_by_epoch(const std::string& title, const std::string& y) {
    return {title, {.title = "epoch", .whole = true}, {.title = y}, {}};
  }

  void add(Chart chart, const std::string& style_class = "") {
    std::erase_if(chart.series, [](const ChartSeries& series) { return series.points.empty(); });
    if (!chart.series.empty()) html_ += html_chart(chart, fmt::format("{}-{}", id_, ++charts_), style_class);
  }

  ChartSeries series_of(size_t run, const Value& value) const {
    ChartSeries series{.name = runs_[run].name, .points = {}, .look = run};
    const std::optional<size_t> best = runs_[run].best_epoch();
    for (size_t i = 0; i < runs_[run].epochs.size(); ++i) {
      const EpochRecord& epoch = runs_[run].epochs[i];
      const std::optional<double> y = value(epoch);
      if (!y) continue;
      if (best == i) series.best = series.points.size();
      series.points.push_back({static_cast<double>(epoch.epoch), *y});
    }
    return series;
  }

  /// The same series with the seconds until the end of each epoch's evaluation for x.
  ChartSeries over_time(size_t run, Metric metric, AxisUnit unit) const {
    ChartSeries series = series_of(run, [&](const EpochRecord& epoch) { return epoch.valid[metric]; });
    double seconds = 0;
    for (size_t i = 0; i < series.points.size(); ++i) {
      seconds += runs_[run].epochs[i].seconds_train + runs_[run].epochs[i].seconds_valid;
      series.points[i].x = seconds / unit.seconds;
    }
    return series;
  }

  double longest_seconds() const {
    double longest = 0;
    for (const size_t run : group_.runs) {
      double seconds = 0;
      for (const EpochRecord& epoch : runs_[run].epochs) seconds += epoch.seconds_train + epoch.seconds_valid;
      longest = std::max(longest, seconds);
    }
    return longest;
  }

  void add_metrics() {
    const AxisUnit unit = unit_for(longest_seconds());
    for (const auto& [k, ndcg, hr] : kCutoffs) {
      const std::string at_k = fmt::format("at-{}", k);
      for (const Metric metric : {ndcg, hr}) {
        Chart valid = chart_by_epoch(fmt::format("Validation {}", name(metric)), name(metric));
        Chart test = chart_by_epoch(fmt::format("Test {}", name(metric)), name(metric));
        valid.y.include = test.y.include = {0};
        for (const size_t run : group_.runs) {
          valid.series.push_back(series_of(run, [&](const EpochRecord& e) { return e.valid[metric]; }));
          test.series.push_back(series_of(run, [&](const EpochRecord& e) -> std::optional<double> {
            return e.test ? std::optional((*e.test)[metric]) : std::nullopt;
          }));
        }
        add(valid, at_k), add(test, at_k);
      }
      Chart time{fmt::format("Validation {} by time", name(ndcg)),
                 {.title = fmt::format("{} of training and evaluation", unit.name), .include = {0}},
                 {.title = name(ndcg), .include = {0}},
                 {}};
      for (const size_t run : group_.runs) time.series.push_back(over_time(run, ndcg, unit));
      add(time, at_k);
    }
  }

  /// A chart for each loss, as the numbers of different losses cannot be compared.
  void add_losses() {
    std::set<std::string> losses;
    for (const size_t run : group_.runs) losses.insert(runs_[run].loss);
    for (const std::string& loss : losses) {
      Chart chart =
          chart_by_epoch(loss.empty() ? "Training loss" : fmt::format("Training loss: {}", loss), "loss");
      for (const size_t run : group_.runs) {
        if (runs_[run].loss != loss) continue;
        chart.series.push_back(series_of(run, [](const EpochRecord& epoch) { return epoch.loss; }));
      }
      add(chart);
    }
  }

  void add_pretraining() {
    using PretrainingValue = std::function<double(const PretrainingRecord&)>;
    const auto add_one = [&](const std::string& title, const std::string& y, const PretrainingValue& value) {
      Chart chart = chart_by_epoch(title, y);
      for (const size_t run : group_.runs) {
        ChartSeries series{.name = runs_[run].name, .points = {}, .look = run};
        for (const PretrainingRecord& epoch : runs_[run].pretraining_epochs) {
          series.points.push_back({static_cast<double>(epoch.epoch), value(epoch)});
        }
        chart.series.push_back(std::move(series));
      }
      add(chart);
    };
    add_one("Pre-training loss", "loss", [](const PretrainingRecord& epoch) { return epoch.loss; });
    for (size_t i = 0; i < kObjectiveNames.size(); ++i) {
      add_one(fmt::format("Pre-training objective: {}", kObjectiveNames[i]), "loss",
              [i](const PretrainingRecord& epoch) { return epoch.objectives[i]; });
    }
    add_one("Seconds of pre-training per epoch", "seconds",
            [](const PretrainingRecord& epoch) { return epoch.seconds_train; });
  }

  void add_seconds() {
    Chart chart = chart_by_epoch("Seconds of training per epoch", "seconds");
    chart.y.include = {0};
    for (const size_t run : group_.runs) {
      chart.series.push_back(series_of(run, [](const EpochRecord& epoch) { return epoch.seconds_train; }));
      chart.series.back().best.reset();
    }
    add(chart);
  }

  std::span<const ReportedRun> runs_;
  const DataGroup& group_;
  std::string id_;
  int charts_ = 0;
  std::string html_;
};

}  // namespace

std::string curves_html(std::span<const ReportedRun> runs, const DataGroup& group, const std::string& id) {
  return Curves(runs, group, id).html();
}

std::string cutoff_choice_html() {
  std::string html = "<fieldset class=\"cutoffs\"><legend>Cut-off</legend>";
  for (const Cutoff& cutoff : kCutoffs) {
    html += fmt::format("<label><input type=\"radio\" name=\"cutoff\" id=\"cutoff-{0}\"{1}/> {0}</label>",
                        cutoff.k, cutoff.k == 10 ? " checked=\"checked\"" : "");
  }
  return html + "</fieldset>\n";
}

}  // namespace cce
