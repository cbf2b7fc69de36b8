// Makes what an artefact is made of: trains the runs that are planned and measures what is to be measured of
// them, in processes of their own. What is finished is kept, what was interrupted goes on, and a run that
// fails leaves the others alone.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tools/artefact.h"

namespace cce {

/// The command line of this program for a run within `folder`.
std::vector<std::string> training_command(const PlannedRun& run, const std::filesystem::path& folder);
/// What its user would type to have the run, or its pre-training, again elsewhere.
std::string command_to_repeat(const PlannedRun& run);
std::string command_to_repeat_pretraining(const PlannedRun& run);

/// Does what is not done yet, `at_once` processes with one thread each side by side: less time than one after
/// the other with all threads. Toys, Beauty and LastFM come before Sports and Yelp. Without `train`, only
/// evaluations of runs that are finished. Prints a line whenever one begins or ends, and how far each is
/// every other minute. When a signal asks to stop, the runs save and stop, and its exit code is returned;
/// failed if one of them failed, or was left out because its data set or its weights cannot be read.
ExitCode make_runs(const ArtefactPlan& plan, const std::filesystem::path& folder, int at_once, bool train);

/// What an evaluation measured, as JSON; nothing where it was not made of the weights that the finished run
/// has now.
std::optional<std::string> read_evaluation(const PlannedEvaluation& evaluation,
                                           const std::filesystem::path& folder);
/// Where it is.
std::filesystem::path evaluation_path(const PlannedEvaluation& evaluation,
                                      const std::filesystem::path& folder);

}  // namespace cce
