// cce_rec data validate: everything that is wrong with files.
#pragma once

#include "engine/error.h"
#include "tools/options.h"

namespace cce {

/// Prints a line for every fault of the files, and one for each file without any; done if there is no fault.
/// Of sequences, what stands beside them is checked, too: attributes and the map of item ids. Throws a usage
/// error for a word that is no data, and for options about raw files where sequences are checked.
ExitCode validate_data(const DataOptions& options);

}  // namespace cce
