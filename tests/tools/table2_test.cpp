#include "tools/table2.h"

#include <doctest/doctest.h>

#include "engine/error.h"

namespace cce {
namespace {

CellRuns with_ndcg10(const Cell& cell, std::initializer_list<double> values) {
  CellRuns runs{cell, {}};
  for (const double value : values) {
    RunResult result{.model = cell.model, .loss = cell.loss, .data = cell.data};
    result.test[Metric::ndcg10] = value;
    runs.runs.push_back(result);
  }
  return runs;
}

const Cell kToysCce{"toys", "sasrec", "cce"};       // NDCG@10: paper 0.0615, the authors' log 0.0617
const Cell kBeautyCce{"beauty", "gru4rec", "cce"};  // 0.0408 and 0.0392

Verdict verdict_of(const Cell& cell, double ndcg10) {
  return compare_with_paper(with_ndcg10(cell, {ndcg10}), Metric::ndcg10).verdict;
}

}  // namespace

TEST_CASE("table 2: 45 cells, and some of its numbers") {
  CHECK(table2_cells().size() == 45);
  CHECK(paper_metrics(kToysCce)[Metric::ndcg10] == 0.0615);
  CHECK(authors_metrics(kToysCce)->values[0] > 0);
  CHECK(paper_metrics({"lastfm", "s3rec", "cce"})[Metric::hr20] == 0.1349);
  CHECK_FALSE(authors_metrics({"toys", "gru4rec", "bce"}).has_value());
  CHECK_THROWS_AS(paper_metrics({"demo", "gru4rec", "bce"}), Error);
}

TEST_CASE("table 2: a number is above, reproduced or below, to the paper's four digits") {
  CHECK(verdict_of(kToysCce, 0.06144) == Verdict::reproduced);
  CHECK(verdict_of(kToysCce, 0.06146) == Verdict::above);        // 0.0615 when rounded
  CHECK(verdict_of(kToysCce, 0.059656) == Verdict::reproduced);  // though 0.0597 when rounded, as the next
  CHECK(verdict_of(kToysCce, 0.059654) == Verdict::below);
  CHECK(verdict_of(kToysCce, 0.0597) == Verdict::reproduced);  // 0.97 of the paper's is 0.05966
  CHECK(verdict_of(kToysCce, 0.0596) == Verdict::below);
  CHECK(verdict_of(kBeautyCce, 0.0381) == Verdict::reproduced);  // 0.97 of the authors' log is 0.03802
  CHECK(verdict_of(kBeautyCce, 0.0380) == Verdict::below);
  CHECK(compare_with_paper({kToysCce, {}}, Metric::ndcg10).verdict == Verdict::not_run);
}

TEST_CASE("table 2: several seeds have a mean and a spread") {
  const Comparison comparison =
      compare_with_paper(with_ndcg10(kToysCce, {0.06, 0.062, 0.064}), Metric::ndcg10);
  CHECK(comparison.mean == doctest::Approx(0.062));
  CHECK(comparison.spread == doctest::Approx(0.002));
}

TEST_CASE("table 2: seeds that have not run are told") {
  CellRuns cell = with_ndcg10(kToysCce, {0.06, 0.062});
  cell.planned = 3;
  CHECK(table2_markdown({cell}).find("0.0610 ± 0.0014 (2 of 3 seeds)") != std::string::npos);
  CHECK(table2_text({cell}).find("  (2 of 3 seeds)\n") != std::string::npos);
  cell.planned = 2;
  CHECK(table2_markdown({cell}).find("0.0610 ± 0.0014 (2 seeds)") != std::string::npos);
  CHECK(table2_text({cell}).find("seeds") == std::string::npos);
}

TEST_CASE("table 2: a loss stands in its own column of the short table") {
  CHECK(table2_markdown({with_ndcg10(kToysCce, {0.06})})
            .find("| toys, sasrec |  |  | **0.0600**; 0.0615 |\n") != std::string::npos);
}

TEST_CASE("table 2: in how many numbers CCE is ahead, ours and the paper's") {
  std::vector<CellRuns> cells;
  for (const Cell& cell : table2_cells()) {
    RunResult result;
    result.test = paper_metrics(cell);
    if (cell.data == "toys" && cell.model == "sasrec" && cell.loss == "ce") result.test[Metric::hr5] = 1;
    cells.push_back({cell, {result}});
  }
  const Ordering all = ordering(cells);
  CHECK(all.numbers == 90);
  CHECK(all.paper == 86);
  CHECK(all.ours == 85);
  CHECK(table2_text(cells).find("in 85 of 90 numbers (the paper: 86)") != std::string::npos);
  // Of one data set, ours and the paper's: 0.0736 / 1 - 1 and 0.0736 / 0.0430 - 1.
  CHECK(table2_markdown(cells).find("\n| toys, sasrec | -92.6; 71.2 | ") != std::string::npos);
  cells.resize(2);  // no CCE among them
  CHECK(ordering(cells).numbers == 0);
}

TEST_CASE("table 2: the paper's average improvements are those of its abstract") {
  std::vector<CellRuns> cells;
  for (const Cell& cell : table2_cells()) {
    RunResult result;
    result.test = paper_metrics(cell);
    cells.push_back({cell, {result}});
  }
  CHECK(improvement(cells, "gru4rec", Metric::ndcg5).paper == doctest::Approx(1.2563).epsilon(1e-4));
  CHECK(improvement(cells, "sasrec", Metric::ndcg5).paper == doctest::Approx(0.6990).epsilon(1e-4));
  CHECK(improvement(cells, "s3rec", Metric::ndcg5).paper == doctest::Approx(0.3324).epsilon(1e-4));
  CHECK(improvement(cells, "s3rec", Metric::ndcg5).ours == improvement(cells, "s3rec", Metric::ndcg5).paper);
  // Of one data set: the 0.0615 of CCE against the 0.0347 of BCE.
  const Improvement on_toys = improvement(cells, "sasrec", Metric::ndcg10, "toys");
  CHECK(on_toys.data_sets == 1);
  CHECK(on_toys.paper == doctest::Approx(0.0615 / 0.0347 - 1));
}

TEST_CASE("table 2: how near the numbers are, above or below") {
  RunResult result;
  for (size_t i = 0; i < kPaperMetrics.size(); ++i) {
    const double factors[] = {0.98, 1.02, 1.04, 0.96, 1.09, 1.2};
    result.test[kPaperMetrics[i]] = factors[i] * paper_metrics(kToysCce)[kPaperMetrics[i]];
  }
  CHECK(table2_markdown({{kToysCce, {result}}, {kBeautyCce, {}}})
            .find("Within 3 % of the paper, above or below, are 2 numbers, within 5 % 4, within 10 % 5.") !=
        std::string::npos);
}

TEST_CASE("table 2: a cell that has not run is shown as not run, and takes no part in improvements") {
  std::vector<CellRuns> cells = {
      {{"toys", "sasrec", "bce"}, {}}, {{"toys", "sasrec", "ce"}, {}}, with_ndcg10(kToysCce, {0.07})};
  CHECK(improvement(cells, "sasrec", Metric::ndcg10).data_sets == 0);
  CHECK(table2_text(cells).find("12 not run") != std::string::npos);
  CHECK(table2_markdown(cells).find("| toys sasrec bce | NDCG@10 | 0.0347 | 0.0394 | | | not run |") !=
        std::string::npos);
}

}  // namespace cce
