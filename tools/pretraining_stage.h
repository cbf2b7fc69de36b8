// Pre-training as a stage: alone (`pretrain`), or before fine-tuning (`train --model s3rec`).
#pragma once

#include <filesystem>

#include "data/attributes.h"
#include "data/dataset.h"
#include "engine/error.h"
#include "tools/options.h"
#include "tools/run_folder.h"

namespace cce {

/// The folder that `pretrain` asks for.
RunFolderRequest pretraining_folder(const PretrainOptions& options, const Dataset& dataset);

/// Pre-trains into `folder`, or goes on there, and prints what it does; nothing is left to do where the
/// folder is finished. Returns a signal's code if one asked to stop, having said how to go on. Throws where
/// the folder holds a pre-training of another kind.
ExitCode pretrain(const PretrainOptions& options, const Dataset& dataset, const Attributes& attributes,
                  RunFolder& folder, const char* how_to_go_on = "go on with --resume");

struct PretrainedWeights {
  ExitCode code;                     ///< a signal's if one asked to stop; then there is no checkpoint
  std::filesystem::path checkpoint;  ///< what fine-tuning begins with
};

/// The pre-training that `options` need before they are trained with: the same model on the same data with
/// the same seed for --pretrain-epochs, the rest being `pretrain`'s defaults. Its run folder is in `runs`,
/// and is shared: a pre-training of this kind that is there is used, gone on with if it was interrupted, and
/// waited for while another process is at work on it.
PretrainedWeights pretrain_before(const TrainOptions& options, const Dataset& dataset,
                                  const std::filesystem::path& runs);

}  // namespace cce
