// Interactions from the S3-Rec text: a user and then the items, with blanks between them.
#pragma once

#include <memory>

#include "data/raw/interaction.h"
#include "data/raw/raw_columns.h"

namespace cce {

/// Users and items are any words; their order is the only time there is. A user may come on several lines. A
/// user without items is at fault. Throws a usage error where the choice asks for a column, or says what only
/// a file with columns has: no header, or a unit of its times.
std::unique_ptr<InteractionReader> read_sequences(RawLines lines, const ColumnChoice& choice,
                                                  OnFault on_fault);

}  // namespace cce
