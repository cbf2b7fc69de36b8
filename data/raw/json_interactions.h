// Interactions from JSON lines: Amazon's and Yelp's reviews, and any others.
#pragma once

#include <memory>

#include "data/raw/raw_format.h"

namespace cce {

/// Which keys are the user, the item and so on follows from the first line that can be read, by the same
/// rules as the columns of a header; ids may be text or numbers. Throws a usage error where they are not in
/// it, or the choice says that there is no header. A line that is no object, or lacks one of them, is at
/// fault, and so is one with a time where the first line had none (or lacks the one that was named).
std::unique_ptr<InteractionReader> read_json(RawLines lines, const RawFormat& format,
                                             const ColumnChoice& choice, OnFault on_fault);

}  // namespace cce
