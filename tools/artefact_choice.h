// Which runs of an artefact the command line asks for.
#pragma once

#include <string>
#include <vector>

#include "tools/options.h"
#include "tools/planned_run.h"

namespace cce {

/// The names of --OPTION LIST ("toys,beauty"), each once; `defaults` where the list is empty. Wrong use if
/// one is not among `known`.
std::vector<std::string> chosen_names(const std::string& option, const std::string& list,
                                      const std::vector<std::string>& known,
                                      const std::vector<std::string>& defaults);
/// The same for whole numbers.
std::vector<uint64_t> chosen_numbers(const std::string& option, const std::string& list);

/// The names in the paper's order.
const std::vector<std::string>& paper_data();
const std::vector<std::string>& paper_models();
const std::vector<std::string>& paper_losses();

/// What an artefact shows where the command line does not choose.
struct DefaultChoice {
  std::vector<std::string> data = paper_data(), models = paper_models(), losses = paper_losses();
};

/// A run for each chosen seed, data set (of the paper, or the demo), model and loss of the paper, in this
/// order.
std::vector<PlannedRun> chosen_runs(const ReproduceOptions& options, const DefaultChoice& defaults);

}  // namespace cce
