// Interactions from lines of fields: csv, tsv, MovieLens, RecBole, GRU4Rec, HetRec.
#pragma once

#include <memory>

#include "data/raw/raw_format.h"

namespace cce {

/// Reads the header, where the format has one. Throws a usage error where the columns are not in it. A line
/// with another number of fields than the header, an empty id, no time where there is a column for it, or a
/// number that is none is at fault.
std::unique_ptr<InteractionReader> read_delimited(RawLines lines, const RawFormat& format,
                                                  const ColumnChoice& choice, OnFault on_fault);

/// The fields of a line without quotes; of more than `most` the last is the rest of the line.
std::vector<std::string_view> split_fields(std::string_view line, std::string_view separator,
                                           size_t most = std::string_view::npos);

}  // namespace cce
