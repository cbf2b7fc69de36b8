// Run folders as a finished training leaves them, without the training.
#pragma once

#include <filesystem>
#include <vector>

#include "tools/planned_run.h"

namespace cce::test {

/// One epoch of such a run: what validation and test gave after it. Each took a second to train and half of
/// one to validate.
struct MadeUpEpoch {
  Metrics valid, test;
};
/// Every metric has this value.
Metrics all_metrics(double value);

/// Writes metrics.jsonl and result.json of `run` into its folder within `folder`. The best epoch is the one
/// with the best validation NDCG@20.
void write_finished_run(const PlannedRun& run, const std::filesystem::path& folder,
                        const std::vector<MadeUpEpoch>& epochs);

}  // namespace cce::test
