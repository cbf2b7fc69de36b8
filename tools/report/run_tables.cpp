#include "tools/report/run_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/counted.h"
#include "tools/markup.h"
#include "tools/report/html.h"

namespace cce {
namespace {

const std::string kNothing = "–";

std::string state_text(const ReportedRun& run) {
  if (run.finished()) return "finished";
  return run.epoch_count() == 0 ? "no epoch yet" : "not finished";
}

/// What finished trainings and pre-trainings have in common.
struct Costs {
  std::string seed, device;
  int64_t threads, parameters, peak_rss_bytes, peak_device_bytes;
  double seconds_per_epoch, seconds_total;
};
template <class Result>
Costs costs_of(const Result& result) {
  return {fmt::format("{}", result.seed),
          result.device,
          result.threads,
          result.parameters,
          result.peak_rss_bytes,
          result.peak_device_bytes,
          result.seconds_per_epoch,
          result.seconds_total};
}

std::vector<HtmlCell> cost_cells(const ReportedRun& run) {
  if (!run.finished()) {
    const std::string device = run.option("device"), threads = run.option("threads");
    const std::string text =
        threads.empty() ? device
                        : fmt::format("{}, {} {}", device, threads, threads == "1" ? "thread" : "threads");
    return {{escaped_markup(text)}, {kNothing}, {kNothing}, {kNothing}, {kNothing}, {kNothing}};
  }
  const Costs costs = run.result ? costs_of(*run.result) : costs_of(*run.pretraining_result);
  const auto bytes = [](int64_t count) {
    return HtmlCell{count > 0 ? bytes_text(count) : kNothing, "", static_cast<double>(count)};
  };
  return {{escaped_markup(fmt::format("{}, {}", costs.device, counted(costs.threads, "thread")))},
          {count_text(costs.parameters)},
          {seconds_text(costs.seconds_per_epoch), "", costs.seconds_per_epoch},
          {seconds_text(costs.seconds_total), "", costs.seconds_total},
          bytes(costs.peak_rss_bytes),
          bytes(costs.peak_device_bytes)};
}

std::string best_epoch_text(const ReportedRun& run) {
  const std::optional<size_t> best = run.best_epoch();
  if (run.result) return count_text(run.result->best_epoch);
  return best ? count_text(run.epochs[*best].epoch) : kNothing;
}

/// The metrics of a run on one split, as far as they are known.
struct MetricRow {
  size_t run;
  std::array<std::optional<double>, kMetricCount> values;
  std::string note;
};

/// Of the tested epoch, or of the best so far, of which MRR is not known.
std::optional<MetricRow> metric_row(const ReportedRun& run, size_t number, bool test) {
  MetricRow row{number, {}, ""};
  if (run.result) {
    const Metrics& metrics = test ? run.result->test : run.result->valid;
    std::ranges::copy(metrics.values, row.values.begin());
    return row;
  }
  const std::optional<size_t> best = run.best_epoch();
  if (!best) return std::nullopt;
  const EpochRecord& epoch = run.epochs[*best];
  if (test && !epoch.test) return std::nullopt;
  std::copy_n((test ? *epoch.test : epoch.valid).values.begin(), kMetricCount - 1, row.values.begin());
  row.note = fmt::format("the best of {} so far", counted(static_cast<int64_t>(run.epochs.size()), "epoch"));
  return row;
}

std::string metric_table(std::span<const ReportedRun> runs, const std::vector<MetricRow>& rows,
                         const std::string& caption) {
  if (rows.empty()) return "";
  HtmlTable table{.caption = caption, .header = {"run"}, .rows = {}, .style_class = "numbers sortable"};
  for (const char* const name : kMetricNames) table.header.emplace_back(name);
  for (const MetricRow& row : rows) {
    auto& cells = table.rows.emplace_back();
    const std::string note = row.note.empty() ? "" : fmt::format(" <small>{}</small>", row.note);
    cells.push_back({run_label(runs, row.run) + note});
    for (size_t i = 0; i < row.values.size(); ++i) {
      const auto is_better = [&](const MetricRow& other) {
        return other.values[i] && metric_text(*other.values[i]) > metric_text(*row.values[i]);
      };
      const bool best = rows.size() > 1 && row.values[i] && std::ranges::none_of(rows, is_better);
      const std::string text = row.values[i] ? metric_text(*row.values[i]) : kNothing;
      cells.push_back(
          best ? HtmlCell{fmt::format("<strong>{}<span title=\"best\"> ★</span></strong>", text), "best"}
               : HtmlCell{text});
    }
  }
  return html_table(table);
}

/// All options of the runs, in the order in which the runs have them.
std::vector<std::string> all_options(std::span<const ReportedRun> runs) {
  std::vector<std::string> names;
  for (const ReportedRun& run : runs) {
    for (const auto& [name, value] : run.options) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

/// With the runs or the options for columns, whichever are fewer.
std::string differing_options_html(std::span<const ReportedRun> runs, const std::vector<size_t>& shown,
                                   const std::vector<std::string>& names) {
  const auto value = [&](size_t run, const std::string& name) {
    const std::string text = runs[run].option(name);
    return HtmlCell{text.empty() ? kNothing : escaped_markup(text)};
  };
  HtmlTable table{.caption = "Where the runs' options differ", .header = {}, .rows = {}};
  if (names.size() > shown.size()) {
    table.header = {"option"};
    for (const size_t run : shown) table.header.push_back(runs[run].name);
    for (const std::string& name : names) {
      auto& row = table.rows.emplace_back();
      row.push_back({escaped_markup(name)});
      for (const size_t run : shown) row.push_back(value(run, name));
    }
  } else {
    table.header = {"run"};
    table.header.insert(table.header.end(), names.begin(), names.end());
    for (const size_t run : shown) {
      auto& row = table.rows.emplace_back();
      row.push_back({run_label(runs, run)});
      for (const std::string& name : names) row.push_back(value(run, name));
    }
  }
  return html_table(table);
}

std::string shared_options_html(const ReportedRun& run, const std::vector<std::string>& names, bool only) {
  HtmlTable table{
      .caption = only ? "Options" : "The same in all runs", .header = {"option", "value"}, .rows = {}};
  for (const std::string& name : names) {
    table.rows.push_back({{escaped_markup(name)}, {escaped_markup(run.option(name))}});
  }
  if (names.empty()) return "";
  return fmt::format("<details><summary>{}: {}</summary>\n{}</details>\n", table.caption, names.size(),
                     html_table(table));
}

std::string epoch_table(const ReportedRun& run) {
  HtmlTable table{
      .caption = "Epochs of " + run.name, .header = {"epoch", "loss"}, .rows = {}, .style_class = "numbers"};
  const std::optional<size_t> best = run.best_epoch();
  for (int i = 0; i < kMetricCount - 1; ++i) table.header.emplace_back(name(static_cast<Metric>(i)));
  table.header.insert(table.header.end(), {"training", "evaluation"});
  for (size_t i = 0; i < run.epochs.size(); ++i) {
    const EpochRecord& epoch = run.epochs[i];
    auto& row = table.rows.emplace_back();
    row.push_back({fmt::format("{}{}", epoch.epoch, best == i ? " ★" : "")});
    row.push_back({fmt::format("{:.5g}", epoch.loss)});
    for (int m = 0; m < kMetricCount - 1; ++m)
      row.push_back({metric_text(epoch.valid[static_cast<Metric>(m)])});
    row.insert(row.end(), {{seconds_text(epoch.seconds_train)}, {seconds_text(epoch.seconds_valid)}});
  }
  return html_table(table);
}

std::string pretraining_epoch_table(const ReportedRun& run) {
  HtmlTable table{
      .caption = "Epochs of " + run.name, .header = {"epoch", "loss"}, .rows = {}, .style_class = "numbers"};
  table.header.insert(table.header.end(), kObjectiveNames.begin(), kObjectiveNames.end());
  table.header.emplace_back("training");
  for (const PretrainingRecord& epoch : run.pretraining_epochs) {
    auto& row = table.rows.emplace_back();
    row.insert(row.end(), {{fmt::format("{}", epoch.epoch)}, {fmt::format("{:.5g}", epoch.loss)}});
    for (const double objective : epoch.objectives) row.push_back({fmt::format("{:.5g}", objective)});
    row.push_back({seconds_text(epoch.seconds_train)});
  }
  return html_table(table);
}

}  // namespace

std::string run_label(std::span<const ReportedRun> runs, size_t run) {
  return fmt::format("<span class=\"label\">{}{}</span>", svg_sample(run), escaped_markup(runs[run].name));
}

std::string overview_html(std::span<const ReportedRun> runs) {
  HtmlTable table{.caption = "What was run",
                  .header = {"run", "model", "loss", "data", "seed", "state", "epochs", "best", "device",
                             "parameters", "an epoch", "in all", "memory", "GPU memory"},
                  .rows = {},
                  .style_class = "sortable"};
  for (size_t i = 0; i < runs.size(); ++i) {
    const ReportedRun& run = runs[i];
    auto& row = table.rows.emplace_back();
    const auto or_nothing = [](const std::string& text) {
      return text.empty() ? kNothing : escaped_markup(text);
    };
    row = {{run_label(runs, i)},
           {or_nothing(run.model)},
           {run.pretraining ? "pre-training" : or_nothing(run.loss)},
           {or_nothing(run.data)},
           {or_nothing(run.result ? fmt::format("{}", run.result->seed) : run.option("seed"))},
           {state_text(run), run.finished() ? "" : "unfinished"},
           {count_text(run.epoch_count())},
           {best_epoch_text(run)}};
    const std::vector<HtmlCell> costs = cost_cells(run);
    row.insert(row.end(), costs.begin(), costs.end());
  }
  return html_table(table);
}

std::string metrics_html(std::span<const ReportedRun> runs, const DataGroup& group) {
  std::string html;
  for (const bool test : {true, false}) {
    std::vector<MetricRow> rows;
    for (const size_t run : group.runs) {
      if (const auto row = metric_row(runs[run], run, test)) rows.push_back(*row);
    }
    html += metric_table(runs, rows,
                         fmt::format("{} metrics on {}", test ? "Test" : "Validation", shown_name(group)));
  }
  return html;
}

std::string options_html(std::span<const ReportedRun> runs) {
  std::vector<std::string> differing, shared;
  std::vector<size_t> with_options;  // a damaged config.toml is no difference
  for (size_t i = 0; i < runs.size(); ++i) {
    if (!runs[i].options.empty()) with_options.push_back(i);
  }
  if (with_options.empty()) return "";
  for (const std::string& name : all_options(runs)) {
    const bool same = std::ranges::all_of(with_options, [&](size_t run) {
      return runs[run].option(name) == runs[with_options.front()].option(name);
    });
    (same ? shared : differing).push_back(name);
  }
  const std::string html = differing.empty() ? "" : differing_options_html(runs, with_options, differing);
  return html + shared_options_html(runs[with_options.front()], shared, with_options.size() == 1);
}

std::string epochs_html(std::span<const ReportedRun> runs) {
  std::string html;
  for (size_t i = 0; i < runs.size(); ++i) {
    const ReportedRun& run = runs[i];
    if (run.epochs.empty() && run.pretraining_epochs.empty()) continue;
    html += fmt::format("<details><summary>{}: {} epochs</summary>\n{}</details>\n", run_label(runs, i),
                        std::max(run.epochs.size(), run.pretraining_epochs.size()),
                        run.pretraining ? pretraining_epoch_table(run) : epoch_table(run));
  }
  return html;
}

}  // namespace cce
