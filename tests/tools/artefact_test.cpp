// What artefacts plan, and what their pages say of runs that are there and of runs that are not.
#include "tools/artefact.h"

#include <algorithm>
#include <set>

#include "losses/loss.h"
#include "tests/data/files.h"
#include "tests/tools/finished_runs.h"
#include "tools/checksum.h"
#include "tools/durable_file.h"
#include "tools/saved_evaluation.h"
#include "tools/timestamp_metrics.h"

namespace cce::test {
namespace {

using testing::TemporaryFolder;

std::set<std::string> names_of(const ArtefactPlan& plan) {
  std::set<std::string> names;
  for (const PlannedRun& run : plan.runs) names.insert(name(run));
  return names;
}

bool has(const std::string& text, const std::string& part) {
  CAPTURE(part);
  return text.find(part) != std::string::npos;
}

/// Epochs whose validation and test metrics are these, all of one epoch being the same.
std::vector<MadeUpEpoch> epochs_of(const std::vector<double>& values) {
  std::vector<MadeUpEpoch> epochs;
  for (const double value : values) epochs.push_back({all_metrics(value), all_metrics(value)});
  return epochs;
}

}  // namespace

TEST_CASE("artefacts: every one plans its runs, no two of one name, and shows them as not run") {
  const TemporaryFolder folder;
  size_t of_losses = 0;  // with 1, 10, 100 and 1,000 negatives
  for (const Loss& loss : losses()) of_losses += loss.negatives > 0 ? 4 : 1;
  const std::map<std::string, size_t> expected = {
      {"table2", 45},  {"significance", 45},  {"figure1", 3}, {"figure2", 45},
      {"figure3", 45}, {"losses", of_losses}, {"protocol", 7}};
  CHECK(artefacts().size() == expected.size());
  for (const Artefact& artefact : artefacts()) {
    CAPTURE(std::string(artefact.name));
    const ArtefactPlan plan = artefact.plan({});
    CHECK(plan.runs.size() == expected.at(artefact.name));
    CHECK(names_of(plan).size() == plan.runs.size());
    const ArtefactPages pages = artefact.pages(plan, folder.path());
    CHECK(has(pages.text, "not run"));
    CHECK(has(pages.markdown, "not run"));
    CHECK(pages.svg.empty());
  }
}

TEST_CASE("artefacts: the figures need the runs of Table 2 and no others") {
  const std::set<std::string> table2 = names_of(plan_table2({}));
  CHECK(names_of(plan_figure2({})) == table2);
  CHECK(names_of(plan_figure3({})) == table2);
  CHECK(std::ranges::includes(table2, names_of(plan_figure1({}))));
  CHECK(names_of(plan_losses({})).contains("sasrec-bce-beauty-42"));  // one negative is its own default
}

TEST_CASE("significance: CCE beside the better of the others, user by user, where the ranks are there") {
  const TemporaryFolder folder;
  const ReproduceOptions options{.data = "toys", .model = "sasrec"};
  const ArtefactPlan plan = plan_significance(options);
  const auto page = [&] { return significance_pages(plan, folder.path()).markdown; };
  // Of 40 users so many have their item at rank 0, the others far behind.
  const auto write_run = [&](size_t run, int found) {
    write_finished_run(plan.runs[run], folder.path(), epochs_of({found / 40.0}));
    std::vector<UserRanks> ranks;
    for (int user = 0; user < 40; ++user)
      ranks.push_back({.user = std::to_string(user), .valid = 0, .test = user < found ? 0 : 99});
    folder.write(name(plan.runs[run]) + "/ranks.tsv", to_tsv(ranks));
  };
  write_run(0, 0), write_run(1, 20);  // BCE and CE, which is the better
  CHECK(has(page(), "cce: not run, or without ranks.tsv"));
  write_run(2, 40);
  CHECK(has(page(), "CCE is ahead in 6 of 6 numbers, with p < .001 in 6."));
  // Half of the differences are 1, the others 0: t = 0.5 / sqrt(10 / 39 / 40).
  CHECK(has(page(), "| toys | sasrec | 42 | HR@5 | ce | 0.5000 | 1.0000 | +0.5000 | "));
  CHECK(has(page(), " | 6.24 | p < .001 |"));
  write_run(2, 23);
  CHECK(has(page(), "CCE is ahead in 6 of 6 numbers, with p < .001 in 0."));
  write_run(2, 0);
  CHECK(has(page(), "CCE is ahead in 0 of 6 numbers, with p < .001 in 0."));
  folder.write(name(plan.runs[2]) + "/ranks.tsv", "user\tvalid\ttest\n1\t2\n");
  CHECK_THROWS_AS(page(), Error);
}

TEST_CASE("significance: other losses than the three are refused") {
  CHECK(testing::message_of([] { plan_significance({.loss = "cce"}); }, ExitCode::usage) ==
        "--loss cce: leave it out; significance compares cce with bce and ce");
}

TEST_CASE("figure 2: seconds, the best epoch, and how long CCE is ahead of the others") {
  const TemporaryFolder folder;
  ReproduceOptions options{.data = "toys", .model = "sasrec"};
  const ArtefactPlan plan = plan_figure2(options);
  write_finished_run(plan.runs[0], folder.path(), epochs_of({0.1, 0.2, 0.3}));
  write_finished_run(plan.runs[1], folder.path(), epochs_of({0.1, 0.1, 0.1}));
  CHECK(has(figure2_pages(plan, folder.path()).markdown, "| sasrec-cce-toys-42 | not run |"));
  write_finished_run(plan.runs[2], folder.path(), epochs_of({0.1, 0.4, 0.5, 0.2}));
  const ArtefactPages pages = figure2_pages(plan, folder.path());
  // Level with the others at first, then ahead, and behind in the end.
  CHECK(has(pages.markdown, "| sasrec-cce-toys-42 | 1.00 |  | 4 (3) | 4.5 | 3.0 | 0.5000 | 50 % |"));
  CHECK(has(pages.tsv, "toys\tsasrec\tcce\t42\t4\t6.000\t0.200000\n"));
  CHECK(has(pages.svg, "sasrec on toys"));
}

TEST_CASE("figure 2: a run some of whose epochs are missing has no curve, and the others have theirs") {
  const TemporaryFolder folder;
  const ArtefactPlan plan = plan_figure2({.data = "toys", .model = "sasrec"});
  for (const PlannedRun& run : plan.runs) write_finished_run(run, folder.path(), epochs_of({0.1, 0.2, 0.3}));
  const auto cut = [&](const PlannedRun& run, size_t first, size_t last) {
    const std::filesystem::path metrics = folder.path() / name(run) / "metrics.jsonl";
    const std::string text = read_file(metrics, 9999);
    const size_t line = text.size() / 3;
    write_durably(metrics, text.substr(first * line, (last - first) * line));
  };
  cut(plan.runs[0], 0, 1), cut(plan.runs[1], 1, 3);
  const std::string page = figure2_pages(plan, folder.path()).markdown;
  for (const size_t run : {0, 1})
    CHECK(has(page, "| " + name(plan.runs[run]) + " | has no tests by epoch |"));
  CHECK(has(page, "| sasrec-cce-toys-42 | 1.00 |  | 3 (3) |"));
}

TEST_CASE("losses: what the authors measured stands beside what they measured it of") {
  const TemporaryFolder folder;
  const ArtefactPlan plan = plan_losses({.loss = "bce,bpr", .negatives = "1,100,1000"});
  CHECK(names_of(plan).contains("sasrec-bce-beauty-42-negatives-100"));
  CHECK(names_of(plan).contains("sasrec-bpr-beauty-42"));
  write_finished_run(plan.runs[1], folder.path(), epochs_of({0.03}));
  const std::string page = losses_pages(plan, folder.path()).markdown;
  CHECK(
      has(page,
          "| beauty | sasrec | bce | 100 | 42 | 0.0300 | 0.0300 | 0.0300 | 0.0300 | 0.0300 | 0.0300 | 1 (1) "
          "| 1.00 | 90 | 123 | 0.0359 | 4.32 | 1500 |"));
  CHECK(has(page,
            "| beauty | sasrec | bce | 1 | 42 | not run |  |  |  |  |  |  |  |  |  | 0.0308 | 2.42 |  |"));
  CHECK(has(page, "| beauty | sasrec | bpr | 1000 | 42 | not run |  |  |  |  |  |  |  |  |  |  |  |  |"));
}

TEST_CASE("protocol: what another rule of stopping would have chosen, by the epochs of a run") {
  const TemporaryFolder folder;
  const ArtefactPlan plan = plan_protocol({.data = "toys", .model = "sasrec"});
  std::vector<MadeUpEpoch> epochs = epochs_of({0.10, 0.20, 0.15, 0.15, 0.15, 0.15, 0.15, 0.30, 0.25, 0.25});
  epochs[4].valid[Metric::hr5] = 0.4;   // what stopping by HR@5 would have chosen
  epochs[2].valid[Metric::hr10] = 0.5;  // and by HR@10
  for (int i = 0; i < 8; ++i) epochs.push_back({all_metrics(0.2), all_metrics(0.2)});
  write_finished_run(plan.runs[0], folder.path(), epochs);
  const std::string page = protocol_pages(plan, folder.path()).markdown;
  CHECK(has(page, "| the protocol as it is | trained | 0.3000 | +0.0 % | 0.3000 | +0.0 % |"));
  CHECK(has(page, "| --stop-on HR@5 | another epoch | 0.1500 | -50.0 % | 0.1500 | -50.0 % |"));
  CHECK(has(page, "| --stop-on HR@10 | another epoch | 0.1500 | -50.0 % |"));
  CHECK(has(page, "| --patience 5 | another epoch | 0.2000 | -33.3 % |"));
  CHECK(has(page, "| the weights of the last epoch, not of the best | another epoch | 0.2000 | -33.3 % |"));
  CHECK(
      has(page, "| --norm pre: normalised before each part, as in the paper's Eq. 19 | trained | not run |"));
  epochs[16].valid[Metric::hr20] = 0.9;
  write_finished_run(plan.runs[0], folder.path(), epochs);
  CHECK(has(protocol_pages(plan, folder.path()).markdown,
            "| --stop-on HR@20 | another epoch | would train on |"));
}

TEST_CASE("artefacts: an evaluation of other weights than the run has now does not count") {
  const TemporaryFolder folder;
  const ArtefactPlan plan = plan_figure1({.data = "toys", .loss = "cce"});
  const auto shown = [&] { return has(timestamp_pages(plan, folder.path()).tsv, "0.125000"); };
  write_finished_run(plan.runs[0], folder.path(), epochs_of({0.1}));
  const auto write_weights = [&](float value) {
    const TensorFile file{{}, {{"w", Tensor::from({1}, std::vector<float>{value})}}, {}};
    write_safetensors(folder / "gru4rec-cce-toys-42/best.safetensors", file);
    return checksum(file);
  };
  const TimestampMetrics at{.timestamp = 50, .users = 9, .metrics = all_metrics(0.125)};
  std::filesystem::create_directories(folder.path() / "evaluations");
  const SavedEvaluation evaluation{write_weights(1), "", to_json(std::span(&at, 1))};
  folder.write("evaluations/gru4rec-cce-toys-42.by-timestamp.json", to_json(evaluation));
  CHECK(shown());
  write_weights(2);
  CHECK_FALSE(shown());
  write_weights(1);
  CHECK(shown());
  folder.write("evaluations/gru4rec-cce-toys-42.by-timestamp.json", to_json(evaluation).substr(0, 40));
  CHECK_FALSE(shown());  // damaged: it is measured again
  folder.write("evaluations/gru4rec-cce-toys-42.by-timestamp.json", to_json(evaluation));
  CHECK(shown());
  std::filesystem::remove(folder / "gru4rec-cce-toys-42/result.json");
  CHECK_FALSE(shown());
}

}  // namespace cce::test
