#include "tools/report/tiles.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/demo.h"
#include "tools/markup.h"
#include "tools/report/html.h"

namespace cce {
namespace {

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
             fmt::format("of {}: the demo's process is known", metric_text(best)));
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

}  // namespace

std::string tiles_html(std::span<const ReportedRun> runs, std::span<const DataGroup> groups) {
  std::string tiles;
  if (runs.size() == 1) {
    tiles = single_run_tiles(runs.front());
  } else {
    for (const DataGroup& group : groups) {
      std::vector<size_t> tested = group.runs;
      std::erase_if(tested, [&](size_t run) { return !runs[run].result; });
      if (tested.empty()) continue;
      const size_t best = *std::ranges::max_element(
          tested, {}, [&](size_t run) { return runs[run].result->test[Metric::ndcg10]; });
      tiles += best_tiles(runs[best], fmt::format("{}, the best on {}", runs[best].name, shown_name(group)));
    }
  }
  return tiles.empty() ? "" : "<div class=\"tiles\">\n" + tiles + "</div>\n";
}

}  // namespace cce
