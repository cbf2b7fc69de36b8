// Pre-training from options to a run folder, alone (`pretrain`) or before fine-tuning (shared_pretraining.h).
#pragma once

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

}  // namespace cce
