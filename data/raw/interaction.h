// What all raw formats have in common: a line is a user, an item, and when it was.
#pragma once

#include <cstdint>
#include <string_view>

#include "data/raw/raw_lines.h"

namespace cce {

/// The texts are valid until the reader's next one.
struct Interaction {
  std::string_view user, item;
  int64_t time = 0;   ///< microseconds since 1970; 0 where the reader has no times
  double rating = 0;  ///< where a rating was asked for
};

/// Reads one file of one format.
class InteractionReader {
 public:
  virtual ~InteractionReader() = default;
  /// The next interaction; false at the end. A line that is at fault is handed to OnFault and passed over.
  virtual bool next(Interaction& interaction) = 0;
  /// Whether interactions have times; else their order is that of the file. Known after the first next().
  virtual bool has_times() const = 0;
};

}  // namespace cce
