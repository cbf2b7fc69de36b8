// Which choice of the protocol moves a number, and by how much. Most choices need no training: the best
// weights are ranked again, or the epochs of a finished run tell where another rule would have stopped.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "tools/artefact.h"
#include "tools/artefact_choice.h"
#include "tools/artefact_runs.h"

namespace cce {
namespace {

/// A choice under which the same weights are ranked again.
struct RankingChoice {
  const char *option, *value, *what;
};
constexpr std::array kRankings = {
    RankingChoice{"seen", "zero", "items seen before score 0, as in the authors' code"},
    RankingChoice{"seen", "keep", "items seen before are candidates"},
    RankingChoice{"ties", "none", "the answer before all that score the same"},
    RankingChoice{"ties", "all", "the answer behind all that score the same"},
};

/// A choice that needs a training of its own.
struct TrainingChoice {
  const char *model, *option, *value, *what;
};
constexpr std::array kTrainings = {
    TrainingChoice{"gru4rec", "padding", "none", "no padding is read"},
    TrainingChoice{"gru4rec", "hidden-size", "64", "a GRU of 64, as in the paper's text"},
    TrainingChoice{"gru4rec", "reset-gate", "before", "the reset gate of the paper's Eq. 5"},
    TrainingChoice{"sasrec", "norm", "pre", "normalised before each part, as in the paper's Eq. 19"},
    TrainingChoice{"sasrec", "activation", "relu", "ReLU, as in the paper's Eq. 18"},
};

PlannedEvaluation evaluation_of(const PlannedRun& run, const RankingChoice& choice) {
  return {run,
          fmt::format("{}-{}", choice.option, choice.value),
          {fmt::format("--{}", choice.option), choice.value}};
}

PlannedRun training_of(PlannedRun run, const TrainingChoice& choice) {
  run.changes[choice.option] = choice.value;
  return run;
}

/// Where a training would have ended under other rules of stopping, by what its epochs say.
struct StoppingRule {
  std::string what;
  Metric metric = Metric::ndcg20;
  int64_t patience = 10, most_epochs = kProtocolEpochs;
};
std::vector<StoppingRule> stopping_rules() {
  std::vector<StoppingRule> rules;
  for (const Metric metric : {Metric::hr5, Metric::hr10, Metric::hr20, Metric::ndcg5, Metric::ndcg10})
    rules.push_back({.what = fmt::format("--stop-on {}", name(metric)), .metric = metric});
  rules.push_back({.what = "--patience 5", .patience = 5});
  rules.push_back({.what = "--epochs 150, as in the paper's text", .most_epochs = 150});
  return rules;
}

/// The epoch that the rule chooses; null where it would have gone on beyond the run, which ended because of
/// `limit` (the most epochs it was allowed) or its own early stop.
const EpochRecord* chosen_by(const StoppingRule& rule, const std::vector<EpochRecord>& epochs,
                             int64_t limit) {
  const EpochRecord* best = nullptr;
  for (const EpochRecord& epoch : epochs) {
    if (best == nullptr || epoch.valid[rule.metric] > best->valid[rule.metric]) best = &epoch;
    const bool stopped =
        epoch.epoch - best->epoch >= rule.patience || epoch.epoch >= std::min(rule.most_epochs, limit);
    if (stopped) return best;
  }
  return nullptr;
}

using Row = std::vector<std::string>;

/// What a choice gives, beside the numbers of the protocol as it is.
Row row_of(const PlannedRun& run, const std::string& what, const std::string& how,
           const std::optional<Metrics>& metrics, const Metrics& usual, const char* otherwise = "not run") {
  Row row = {name(run), what, how};
  if (!metrics) {
    row.insert(row.end(), {otherwise, "", "", ""});
    return row;
  }
  for (const Metric metric : {Metric::hr10, Metric::ndcg10}) {
    row.push_back(fmt::format("{:.4f}", (*metrics)[metric]));
    row.push_back(usual[metric] > 0 ? fmt::format("{:+.1f} %", 100 * ((*metrics)[metric] / usual[metric] - 1))
                                    : "");
  }
  return row;
}

void add_stopping_rows(TextTable& table, const PlannedRun& run, const std::filesystem::path& folder,
                       const Metrics& usual) {
  const std::vector<EpochRecord> epochs = read_epochs(run, folder);
  for (const StoppingRule& rule : stopping_rules()) {
    const EpochRecord* const chosen = chosen_by(rule, epochs, most_epochs(run));
    const bool goes_on = chosen == nullptr && !epochs.empty();
    table.rows.push_back(row_of(run, rule.what, "another epoch", chosen ? chosen->test : std::nullopt, usual,
                                goes_on ? "would train on" : "not measured"));
  }
  table.rows.push_back(row_of(run, "the weights of the last epoch, not of the best", "another epoch",
                              epochs.empty() ? std::nullopt : epochs.back().test, usual, "not measured"));
}

void add_rows(TextTable& table, const PlannedRun& run, const std::filesystem::path& folder) {
  const auto result = read_result(run, folder);
  const Metrics usual = result ? result->test : Metrics{};
  table.rows.push_back(row_of(run, "the protocol as it is", "trained",
                              result ? std::optional(result->test) : std::nullopt, usual));
  if (!result) return;
  for (const RankingChoice& choice : kRankings) {
    const PlannedEvaluation evaluation = evaluation_of(run, choice);
    const auto json = read_evaluation(evaluation, folder);
    table.rows.push_back(
        row_of(run, fmt::format("--{} {}: {}", choice.option, choice.value, choice.what), "ranked again",
               json ? std::optional(parse_metrics(*json, evaluation_path(evaluation, folder).string()))
                    : std::nullopt,
               usual));
  }
  add_stopping_rows(table, run, folder, usual);
  for (const TrainingChoice& choice : kTrainings) {
    if (run.cell.model != choice.model) continue;
    const auto other = read_result(training_of(run, choice), folder);
    table.rows.push_back(row_of(run, fmt::format("--{} {}: {}", choice.option, choice.value, choice.what),
                                "trained", other ? std::optional(other->test) : std::nullopt, usual));
  }
}

constexpr const char* kExplanation =
    R"(One choice of the protocol at a time, and what it does to the test metrics. "ranked again": the same weights;
"another epoch": of the same training; "trained": a training of its own. "would train on": the rule would not have
stopped where the run did.)";

}  // namespace

ArtefactPlan plan_protocol(const ReproduceOptions& options) {
  ArtefactPlan plan;
  for (const PlannedRun& run :
       chosen_runs(options, {.data = {"toys"}, .models = {"gru4rec", "sasrec"}, .losses = {"cce"}})) {
    plan.runs.push_back(run);
    for (const RankingChoice& choice : kRankings) plan.evaluations.push_back(evaluation_of(run, choice));
    for (const TrainingChoice& choice : kTrainings) {
      if (run.cell.model == choice.model) plan.runs.push_back(training_of(run, choice));
    }
  }
  return plan;
}

ArtefactPages protocol_pages(const ArtefactPlan& plan, const std::filesystem::path& folder) {
  TextTable table{{"run", "choice", "how", "HR@10", "HR@10 moves", "NDCG@10", "NDCG@10 moves"}, {}};
  for (const PlannedRun& run : plan.runs) {
    if (run.changes.empty()) add_rows(table, run, folder);
  }
  return pages_of(kExplanation, table);
}

}  // namespace cce
