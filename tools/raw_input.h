// Raw files as the options say they are to be read.
#pragma once

#include <memory>
#include <string>

#include "data/raw/raw_format.h"
#include "tools/options.h"

namespace cce {

struct RawInput {
  const RawFormat* format;
  std::unique_ptr<InteractionReader> reader;
};

/// Opens a file, "-" for standard input, and shows how far it was read where a person waits for it. Throws
/// where it is of no known format, or has not the columns.
RawInput open_raw_input(const std::string& path, const DataOptions& options, OnFault on_fault);

/// The lines of a raw file, likewise.
RawLines open_raw_lines(const std::string& path);

}  // namespace cce
