// Run folders as a training would leave them, without training.
#pragma once

#include <string>

#include "tests/data/files.h"
#include "tools/report/run.h"

namespace cce::testing {

struct SampleRun {
  int epochs = 5;
  bool finished = true;
  bool constant = false;  ///< every epoch as the first
  double quality = 1;     ///< the higher, the better its metrics and ranks
  int users = 200;
  std::string loss = "cce", data = "unknown_data", extra_option = "";
};
/// Writes config.toml, metrics.jsonl and, when finished, result.json and ranks.tsv into the folder `name`.
/// Returns its path.
std::string write_run(const TemporaryFolder& folder, const std::string& name, const SampleRun& sample = {});
/// The same of a pre-training.
std::string write_pretraining(const TemporaryFolder& folder, const std::string& name, int epochs,
                              bool finished);

}  // namespace cce::testing
