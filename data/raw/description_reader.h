// Lines that describe items.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/raw/item_attributes.h"

namespace cce {

struct Description {
  std::string item;
  std::vector<std::string> attributes;
};

class DescriptionReader {
 public:
  virtual ~DescriptionReader() = default;
  /// The next line's; false at the end. A line at fault is handed to OnFault and passed over.
  virtual bool next(Description& description) = 0;
};

/// A reader of the file, whose form is told by its first line.
std::unique_ptr<DescriptionReader> read_descriptions(RawLines lines, const AttributeChoice& choice,
                                                     const OnFault& on_fault);

}  // namespace cce
