// Every loss of this program by the number of negatives, beside what the authors measured.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "losses/loss.h"
#include "tools/artefact.h"
#include "tools/artefact_choice.h"
#include "tools/counted.h"
#include "tools/loss_options.h"
#include "tools/option_rows.h"

namespace cce {
namespace {

constexpr int kAuthorsEpochs = 200;

/// What the authors' runs of SASRec on Beauty gave on their GPU: 200 epochs, training alone. Empty: unknown.
struct AuthorsRun {
  const char* loss;
  int negatives;  ///< 0: takes none, or they did not say
  const char* ndcg10;
  double seconds;  ///< of all 200 epochs; 0: unknown
  const char* megabytes;
};
constexpr std::array kAuthorsRuns = {
    AuthorsRun{"cce", 0, "0.0564", 264, "607"},
    AuthorsRun{"ce", 0, "0.0306", 241, ""},
    AuthorsRun{"bce", 1, "0.0308", 483, ""},
    AuthorsRun{"bce", 100, "0.0359", 864, "1500"},
    AuthorsRun{"bce", 1000, "", 5610, "12900"},
    AuthorsRun{"bpr", 0, "0.007 to 0.008", 0, ""},
    AuthorsRun{"bpr-max", 0, "0.007 to 0.008", 0, ""},
    AuthorsRun{"top1", 0, "0.007 to 0.008", 0, ""},
    AuthorsRun{"top1-max", 0, "0.007 to 0.008", 0, ""},
};

int negatives_of(const PlannedRun& run) {
  const auto changed = run.changes.find("negatives");
  return changed == run.changes.end() ? loss_named(run.cell.loss).negatives : std::stoi(changed->second);
}

/// Nothing where the authors have no such run. Theirs of the pairwise losses had 10 or 100 negatives.
const AuthorsRun* authors_run(const PlannedRun& run) {
  if (run.cell.data != "beauty" || run.cell.model != "sasrec") return nullptr;
  const int negatives = negatives_of(run);
  const auto found = std::ranges::find_if(kAuthorsRuns, [&](const AuthorsRun& theirs) {
    if (run.cell.loss != theirs.loss) return false;
    return theirs.negatives == 0 ? negatives == 0 || negatives == 10 || negatives == 100
                                 : theirs.negatives == negatives;
  });
  return found == kAuthorsRuns.end() ? nullptr : &*found;
}

/// Metrics with so many digits.
std::vector<std::string> row_of(const PlannedRun& run, const std::optional<RunResult>& result, int digits) {
  const int negatives = negatives_of(run);
  const AuthorsRun* const authors = authors_run(run);
  std::vector<std::string> row = {run.cell.data, run.cell.model, run.cell.loss,
                                  negatives > 0 ? fmt::format("{}", negatives) : "",
                                  fmt::format("{}", run.seed)};
  if (result) {
    for (const Metric metric : kPaperMetrics)
      row.push_back(fmt::format("{:.{}f}", result->test[metric], digits));
    row.insert(row.end(), {fmt::format("{} ({})", result->epochs, result->best_epoch),
                           fmt::format("{:.2f}", result->seconds_per_epoch),
                           fmt::format("{:.0f}", result->seconds_total),
                           fmt::format("{}", megabytes(result->peak_rss_bytes))});
  } else {
    row.emplace_back("not run");
    row.resize(row.size() + kPaperMetrics.size() - 1 + 4);  // the other metrics, epochs, seconds, memory
  }
  row.emplace_back(authors != nullptr ? authors->ndcg10 : "");
  row.push_back(authors != nullptr && authors->seconds > 0
                    ? fmt::format("{:.2f}", authors->seconds / kAuthorsEpochs)
                    : "");
  row.emplace_back(authors != nullptr ? authors->megabytes : "");
  return row;
}

constexpr const char* kExplanation =
    R"(Seconds and memory are those of one thread of a CPU, unless a GPU was asked for, and the seconds in all have in
them the ranking of the validation and test split after each epoch. "Their" numbers are what the authors measured for
SASRec on Beauty on their GPU: 200 epochs without an early stop, training alone, and these seconds divided by 200.
Their pairwise losses had 10 or 100 negatives.)";

}  // namespace

ArtefactPlan plan_losses(const ReproduceOptions& options) {
  const DefaultChoice defaults{.data = {"beauty"}, .models = {"sasrec"}};
  const std::vector<std::string> losses = chosen_names("loss", options.loss, loss_names(), loss_names());
  const std::vector<uint64_t> numbers =
      chosen_numbers("negatives", options.negatives.empty() ? "1,10,100,1000" : options.negatives);
  ReproduceOptions others = options;
  others.loss = "cce";  // a run for each seed, data set and model, of which every loss makes its own
  ArtefactPlan plan;
  for (PlannedRun run : chosen_runs(others, defaults)) {
    for (const std::string& loss : losses) {
      run.cell.loss = loss;
      const int own = loss_named(loss).negatives;
      for (const uint64_t number : own > 0 ? numbers : std::vector<uint64_t>{0}) {
        if (own > 0 && (number == 0 || number > kMany))
          fail_usage("--negatives {}: {} takes 1 to {}", number, loss, kMany);
        run.changes.clear();
        if (own > 0 && number != static_cast<uint64_t>(own))
          run.changes["negatives"] = fmt::format("{}", number);
        plan.runs.push_back(run);
      }
    }
  }
  return plan;
}

ArtefactPages losses_pages(const ArtefactPlan& plan, const std::filesystem::path& folder) {
  const auto table = [&](int digits) {
    TextTable losses{{"data", "model", "loss", "N", "seed"}, {}};
    for (const Metric metric : kPaperMetrics) losses.columns.emplace_back(name(metric));
    losses.columns.insert(losses.columns.end(), {"epochs (best)", "s/epoch", "s in all", "MB",
                                                 "their NDCG@10", "their s/epoch", "their MB"});
    for (const PlannedRun& run : plan.runs)
      losses.rows.push_back(row_of(run, read_result(run, folder), digits));
    return losses;
  };
  ArtefactPages pages = pages_of(kExplanation, table(4));
  pages.tsv = to_tsv(table(6));
  return pages;
}

}  // namespace cce
