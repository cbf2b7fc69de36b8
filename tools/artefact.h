// What `reproduce` can make: the tables and figures of the paper, each from runs that it plans, and written
// as pages.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tools/options.h"
#include "tools/planned_run.h"
#include "tools/text_table.h"

namespace cce {

/// What is measured of a finished run's best weights, beyond what the run reports itself.
struct PlannedEvaluation {
  PlannedRun run;
  std::string name;                  ///< what it measures: "by-timestamp"
  std::vector<std::string> options;  ///< of `evaluate`
};

struct ArtefactPlan {
  std::vector<PlannedRun> runs;  ///< in the order in which they are trained; no two of one name
  std::vector<PlannedEvaluation> evaluations;
};

/// What is shown; what an artefact does not have is empty.
struct ArtefactPages {
  std::string text;      ///< for a terminal
  std::string markdown;  ///< the same and more, for a file
  std::string tsv;       ///< the numbers, for other programs
  std::string svg;       ///< the picture
};

/// Pages that show one table below an explanation.
ArtefactPages pages_of(const char* explanation, const TextTable& table);

struct Artefact {
  const char* name;
  const char* description;
  /// Throws a usage error for options that name what the artefact does not have.
  ArtefactPlan (*plan)(const ReproduceOptions& options);
  /// From the runs and evaluations that are there; whatever is missing is shown as not run.
  ArtefactPages (*pages)(const ArtefactPlan& plan, const std::filesystem::path& folder);
};

std::span<const Artefact> artefacts();
std::vector<std::string> artefact_names();
const Artefact& artefact_named(const std::string& name);

ArtefactPlan plan_table2(const ReproduceOptions& options);
ArtefactPages table2_pages(const ArtefactPlan& plan, const std::filesystem::path& folder);

ArtefactPlan plan_significance(const ReproduceOptions& options);
ArtefactPages significance_pages(const ArtefactPlan& plan, const std::filesystem::path& folder);

ArtefactPlan plan_figure1(const ReproduceOptions& options);
ArtefactPlan plan_figure3(const ReproduceOptions& options);
/// Of figures 1 and 3: the one is a part of the other.
ArtefactPages timestamp_pages(const ArtefactPlan& plan, const std::filesystem::path& folder);

ArtefactPlan plan_figure2(const ReproduceOptions& options);
ArtefactPages figure2_pages(const ArtefactPlan& plan, const std::filesystem::path& folder);

ArtefactPlan plan_losses(const ReproduceOptions& options);
ArtefactPages losses_pages(const ArtefactPlan& plan, const std::filesystem::path& folder);

ArtefactPlan plan_protocol(const ReproduceOptions& options);
ArtefactPages protocol_pages(const ArtefactPlan& plan, const std::filesystem::path& folder);

}  // namespace cce
