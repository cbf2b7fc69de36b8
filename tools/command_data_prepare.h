// cce_rec data prepare: from raw files to sequences.
#pragma once

#include "engine/error.h"
#include "tools/options.h"

namespace cce {

ExitCode prepare_data(const DataOptions& options);

}  // namespace cce
