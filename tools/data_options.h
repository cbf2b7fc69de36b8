// The options of `cce_rec data`, and what they mean to the readers of raw files.
#pragma once

#include "data/raw/item_attributes.h"
#include "data/raw/raw_columns.h"
#include "data/raw/raw_format.h"
#include "tools/options.h"

namespace cce {

/// Refuses what the action does not take or would not look at, and what is no time.
void resolve_data_options(DataOptions& options);

/// The first option that was set of those that say how a raw file is read; "" where there is none.
std::string changed_reading_option(const DataOptions& options);

ColumnChoice column_choice(const DataOptions& options);
AttributeChoice attribute_choice(const DataOptions& options);
/// What is to be done about repeats in a file of this format.
Repeats repeats_of(const DataOptions& options, const RawFormat& format);

}  // namespace cce
