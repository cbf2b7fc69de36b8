// The pre-training that trainings begin with (`train --model s3rec`): made once, and shared by all that need
// the same, also by processes that run side by side.
#pragma once

#include <filesystem>

#include "data/dataset.h"
#include "engine/error.h"
#include "tools/options.h"

namespace cce {

struct PretrainedWeights {
  ExitCode code;                     ///< a signal's if one asked to stop; then there is no checkpoint
  std::filesystem::path checkpoint;  ///< what fine-tuning begins with
};

/// The pre-training that `options` need before they are trained with: the same model on the same data with
/// the same seed for --pretrain-epochs, the rest being `pretrain`'s defaults. Its run folder is beside `run`,
/// the training's own, which is never taken for one. A pre-training of this kind that is there is used, gone
/// on with if it was interrupted, and waited for while another process is at work on it.
PretrainedWeights pretrain_before(const TrainOptions& options, const Dataset& dataset,
                                  const std::filesystem::path& run);

}  // namespace cce
